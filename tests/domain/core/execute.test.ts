import { setTimeout } from "node:timers/promises";
import { newId } from "../../../src/domain/core/ids.ts";
import { type Action, defineAction } from "../../../src/domain/core/action.ts";
import { needsAuthorization } from "../../../src/domain/core/permission.ts";
import { rows } from "../../../src/entities/database.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { Rule } from "../../../src/entities/authorization.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { testRegistry, withActions } from "../../support/errands.ts";
import { aContact, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

describe("execute", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db, { name: "Johnson Family" }));
  });

  const notes = async () => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;

  describe("of a job that may run", () => {
    it("does it, keeps the result and the level, and records each change under the job", async () => {
      const job = await pipeline.ask(agent, "errand.remark", { id, notes: "new" });
      expect(job).toMatchObject({
        status: "completed",
        level: "soft_limit",
        allowed_by: null,
        result: { id, notes: "new" },
        error: null,
        started_at: expect.any(Date),
        finished_at: expect.any(Date),
      });
      expect(await pipeline.changes(job)).toMatchObject([
        {
          table_name: "contact",
          record_id: id,
          operation: "update",
          before: { notes: null },
          after: { notes: "new" },
        },
      ]);
    });

    it("leaves alone what it never heard of, what has ended, and what another worker holds", async () => {
      expect(await pipeline.run(newId("job"))).toEqual({ kind: "absent" });
      expect(await pipeline.run("'; DROP TABLE job; --")).toEqual({ kind: "absent" });
      const held = await pipeline.submit(agent, "errand.note", { id });
      await test.db.transaction(async (db) => {
        await rows(db, "SELECT FROM job WHERE id = $1 FOR UPDATE", [held]);
        expect(await pipeline.run(held)).toEqual({ kind: "absent" });
      });
      expect(await pipeline.run(held)).toEqual({ kind: "ended", status: "completed" });
      expect(await pipeline.run(held)).toEqual({ kind: "absent" });
    });

    it("has one effect, however many carry it out at once", async () => {
      const jobId = await pipeline.submit(agent, "errand.note", { id });
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => pipeline.run(jobId)));
      expect(outcomes.filter(({ kind }) => kind === "ended")).toHaveLength(1);
      expect(await pipeline.changes(await pipeline.job(jobId))).toHaveLength(1);
    });

    it("never overwrites how a job has ended", async () => {
      const job = await pipeline.ask(agent, "errand.note", { id });
      const again = rows(test.db.manager, "UPDATE job SET status = 'failed', result = NULL WHERE id = $1", [
        job.id,
      ]);
      await expect(again).rejects.toMatchObject({ code: "CS002" });
      expect(await pipeline.job(job.id)).toEqual(job);
    });
  });

  describe("of a job that is refused", () => {
    it.each([
      [
        "the action itself",
        "refusal",
        { code: "invalid_state", hint: "From asleep it can: sing.", state: "asleep" },
      ],
      ["a constraint", "constraint", { code: "conflict", constraint: "contact_kind" }],
      [
        "a constraint that is checked last",
        "deferred",
        { code: "conflict", constraint: "ticket_customer_id_fk" },
      ],
      ["a column that is too small", "range", { code: "validation_failed" }],
    ])("keeps why, and nothing else, where %s refuses", async (_who, over, error) => {
      const job = await pipeline.ask(agent, "errand.stumble", { id, over });
      expect(job).toMatchObject({ status: "failed", error, result: null, finished_at: expect.any(Date) });
      expect(await notes()).toBeNull();
      expect(await pipeline.changes(job)).toEqual([]);
    });

    it("shows no SQL and no stranger's words", async () => {
      const { error } = await pipeline.ask(agent, "errand.stumble", { id, over: "constraint" });
      expect(JSON.stringify(error)).not.toMatch(/insert|violates|relation/i);
    });

    it("fails a job whose action is gone, or is not for the one who asked", async () => {
      const doors = makePipeline(test.db, withActions(farewell));
      const gone = await doors.submit(agent, "errand.farewell", { id });
      await pipeline.run(gone);
      expect(await pipeline.job(gone)).toMatchObject({
        status: "failed",
        error: { code: "validation_failed" },
      });

      const forPeople = withActions({ ...farewell, audience: "people" });
      const barred = await doors.submit(agent, "errand.farewell", { id });
      await makePipeline(test.db, forPeople).run(barred);
      expect(await pipeline.job(barred)).toMatchObject({ status: "failed", error: { code: "forbidden" } });
    });
  });

  it("takes everything back after a bug, and the job stays open", async () => {
    const jobId = await pipeline.submit(agent, "errand.stumble", { id, over: "bug" });
    await expect(pipeline.run(jobId)).rejects.toThrow(TypeError);
    expect(await pipeline.job(jobId)).toMatchObject({
      status: "queued",
      started_at: null,
      finished_at: null,
    });
    expect(await notes()).toBeNull();
  });

  describe("of a parked job", () => {
    const parked = () => pipeline.ask(agent, "errand.swear", { id, notes: "sworn" });

    it("waits as long as nobody has decided", async () => {
      const job = await parked();
      expect(await pipeline.run(job.id)).toEqual({ kind: "waiting", expiresAt: job.auth_expires_at });
      expect(await pipeline.job(job.id)).toMatchObject({
        status: "authorization_required",
        auth_status: "pending",
      });
      expect(await notes()).toBeNull();
    });

    it("does it once a person allowed it, and only once", async () => {
      const job = await pipeline.answer(await parked());
      expect(job).toMatchObject({
        status: "completed",
        level: "requires_authorization",
        allowed_by: job.queue_id,
        result: { notes: "sworn" },
      });
      expect(await pipeline.run(job.id)).toEqual({ kind: "absent" });
      expect(await pipeline.changes(job)).toHaveLength(1);
    });

    it("does it once where two act on the decision at once", async () => {
      const job = await parked();
      await rows(test.db.manager, `UPDATE "authorization" SET status = 'authorized' WHERE id = $1`, [
        job.queue_id,
      ]);
      const outcomes = await Promise.all([pipeline.run(job.id), pipeline.run(job.id)]);
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["absent", "ended"]);
      expect(await pipeline.changes(job)).toHaveLength(1);
    });

    it("ends as expired by the database's clock, and not before", async () => {
      const hasty = makePipeline(test.db, testRegistry, 50);
      const job = await hasty.ask(agent, "errand.swear", { id });
      let outcome = await hasty.run(job.id);
      while (outcome.kind === "waiting") {
        await setTimeout(5);
        outcome = await hasty.run(job.id);
      }
      expect(outcome).toEqual({ kind: "ended", status: "expired" });
      const { finished_at, auth_expires_at, ...ended } = await pipeline.job(job.id);
      expect(ended).toMatchObject({ status: "expired", auth_status: "expired" });
      expect(Number(finished_at)).toBeGreaterThanOrEqual(Number(auth_expires_at));
      expect(await notes()).toBeNull();
    });

    it("fails where it cannot be done any more", async () => {
      const flaky = { refuses: false };
      const mood = makePipeline(test.db, withActions(moody(flaky)));
      const job = await mood.ask(agent, "errand.moody", { id });
      flaky.refuses = true;
      expect(await mood.answer(job, { upgradePermission: true })).toMatchObject({
        status: "failed",
        error: { code: "invalid_state" },
        auth_status: "authorized",
      });
      expect(await test.db.manager.countBy(Rule, { authorization_id: job.queue_id ?? "" })).toBe(0);
      expect(await notes()).toBeNull();
    });

    it("asks again where the records moved on, shows what moved, and leaves no rule", async () => {
      const first = await aTicket(test.db, { customer_id: id, line_items: [{ total_cents: 30_000 }] });
      const job = await pipeline.ask(agent, "contact.delete", { id });
      const second = await aTicket(test.db, { customer_id: id, address_id: null });
      const again = await pipeline.answer(job, { upgradePermission: true });

      expect(again).toMatchObject({
        status: "authorization_required",
        auth_status: "pending",
        auth_reason: "Customer has 2 tickets worth $300",
      });
      expect(again.queue_id).not.toBe(job.queue_id);
      expect(await pipeline.question(job)).toMatchObject({
        status: "superseded",
        superseded_by: again.queue_id,
        decided_by: owner.name,
      });
      expect((await pipeline.question(again)).moved).toEqual([
        { what: "fact", name: "tickets", before: 1, after: 2 },
        {
          what: "change",
          name: `Ticket #${second.number}`,
          before: null,
          after: { record: "ticket", operation: "delete" },
        },
      ]);
      expect(await test.db.manager.countBy(Rule, { authorization_id: job.queue_id ?? "" })).toBe(0);
      expect(await test.db.manager.countBy(Contact, { id })).toBe(1);
      expect(await pipeline.changes(again)).toEqual([]);

      expect(await pipeline.answer(again)).toMatchObject({ status: "completed" });
      const gone = (await pipeline.changes(again)).map(({ record_id }) => record_id);
      expect(gone).toEqual(expect.arrayContaining([id, first.id, second.id]));
    });

    it("says why it asks again where the reason itself is gone", async () => {
      const { id: ticket } = await aTicket(test.db, { customer_id: id });
      const job = await pipeline.ask(agent, "contact.delete", { id });
      await forgetTicket(ticket);
      const again = await pipeline.answer(job);
      expect(again).toMatchObject({
        status: "authorization_required",
        auth_reason: expect.stringMatching(/\w/),
      });
    });
  });

  it("runs where the reason to ask is gone before anybody could be asked", async () => {
    const flaky = { risky: 1 };
    const mood = makePipeline(test.db, withActions(moody(flaky)));
    expect(await mood.ask(agent, "errand.moody", { id }, {})).toMatchObject({
      status: "completed",
      error: null,
    });
  });

  async function forgetTicket(ticket: string): Promise<void> {
    const removal = defineAction({
      ...farewell,
      name: "forget",
      handler: ({ db }) => rows(db, "DELETE FROM ticket WHERE id = $1", [ticket]),
    });
    await makePipeline(test.db, withActions(removal)).ask(owner, "errand.forget", { id });
  }
});

const note = testRegistry.action("errand", "note");

const farewell: Action = { ...note, name: "farewell" };

/** A person's matter the first `risky` times it is judged; refuses when told to. */
const moody = (flaky: { refuses?: boolean; risky?: number }): Action => ({
  ...note,
  name: "moody",
  escalate: () => {
    if (flaky.risky !== undefined && flaky.risky-- <= 0) return Promise.resolve(false);
    return Promise.resolve(needsAuthorization("It feels risky", {}));
  },
  async handler(context, input) {
    const done = await note.handler(context, input);
    if (!flaky.refuses) return done;
    return testRegistry
      .action("errand", "stumble")
      .handler(context, { ...(input as object), over: "refusal" });
  },
});

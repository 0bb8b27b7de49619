import { setTimeout } from "node:timers/promises";
import type { Action } from "../../../src/domain/core/action.ts";
import { Rule } from "../../../src/entities/rule.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { rows } from "../../../src/database/sql.ts";
import type { TestDatabase } from "../../support/database.ts";
import { moody, note, testRegistry, withActions } from "../../support/probe-actions.ts";
import { aContact, aTicket } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline, testPipeline } from "../../support/pipeline.ts";

describe("a parked job", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db, { name: "Johnson Family" }));
  });

  const notes = async () => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;
  const parked = () => pipeline.ask(agent, "probe.swear", { id, notes: "sworn" });

  it("keeps waiting until a person decides", async () => {
    const asked = await pipeline.submit(agent, "probe.swear", { id });
    const outcome = await pipeline.run(asked);
    const job = await pipeline.job(asked);
    expect(outcome).toEqual({ kind: "parked", expiresAt: job.auth_expires_at, dispatch: job.dispatches });
    expect(await pipeline.run(job.id)).toEqual({ kind: "waiting", expiresAt: job.auth_expires_at });
    expect(await pipeline.job(job.id)).toMatchObject({
      status: "authorization_required",
      auth_status: "pending",
    });
    expect(await notes()).toBeNull();
  });

  it("runs exactly once after a person allowed it", async () => {
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

  it("does not change started_at when it runs again", async () => {
    const job = await parked();
    expect(job.started_at).toBeInstanceOf(Date);
    expect(await pipeline.answer(job)).toMatchObject({ status: "completed", started_at: job.started_at });
  });

  it("runs once when two workers act on the decision at once", async () => {
    const job = await parked();
    await rows(test.db.manager, `UPDATE "authorization" SET status = 'authorized' WHERE id = $1`, [
      job.queue_id,
    ]);
    const outcomes = await Promise.all([pipeline.run(job.id), pipeline.run(job.id)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["absent", "ended"]);
    expect(await pipeline.changes(job)).toHaveLength(1);
  });

  it("ends as expired by the database's clock, and not before", async () => {
    const hasty = makePipeline(test.db, testRegistry, { authorizationTtlMs: 50 });
    const job = await hasty.ask(agent, "probe.swear", { id });
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

  it("fails when the action refuses after the approval", async () => {
    const flaky = { refuses: false };
    const mood = makePipeline(test.db, withActions(moody(flaky)));
    const job = await mood.ask(agent, "probe.moody", { id });
    flaky.refuses = true;
    expect(await mood.answer(job, { upgrade_permission: true })).toMatchObject({
      status: "failed",
      error: { code: "invalid_state" },
      auth_status: "authorized",
    });
    expect(await test.db.manager.countBy(Rule, { authorization_id: job.queue_id ?? "" })).toBe(0);
    expect(await notes()).toBeNull();
  });

  it("asks again when records changed, shows the difference, and writes no rule", async () => {
    const first = await aTicket(test.db, { customer_id: id, line_items: [{ total_cents: 30_000 }] });
    const job = await pipeline.ask(agent, "contact.delete", { id });
    const second = await aTicket(test.db, { customer_id: id, address_id: null });
    const again = await pipeline.answer(job, { upgrade_permission: true });

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

  it("gives a reason for asking again when the original reason is gone", async () => {
    const { id: ticket } = await aTicket(test.db, { customer_id: id });
    const job = await pipeline.ask(agent, "contact.delete", { id });
    await forgetTicket(ticket);
    const again = await pipeline.answer(job);
    expect(again).toMatchObject({
      status: "authorization_required",
      auth_reason: expect.stringMatching(/\w/),
    });
  });

  async function forgetTicket(ticket: string): Promise<void> {
    const removal: Action = {
      ...note,
      name: "forget",
      handler: ({ db }) => rows(db, "DELETE FROM ticket WHERE id = $1", [ticket]),
    };
    await makePipeline(test.db, withActions(removal)).ask(owner, "probe.forget", { id });
  }
});

import { decide } from "../../../../src/domain/engine/authorization/decide.ts";
import { withdraw } from "../../../../src/domain/engine/authorization/withdraw.ts";
import { Authorization } from "../../../../src/entities/authorization.ts";
import { Contact } from "../../../../src/entities/contact.ts";
import { refusal } from "../../../support/act.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact, aTicket } from "../../../support/factories.ts";
import { stepOf } from "../../../support/probe-actions.ts";
import {
  agent,
  type JobRow,
  office,
  owner,
  type Pipeline,
  technician,
  testPipeline,
} from "../../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let id: string;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());
beforeEach(async () => void ({ id } = await aContact(test.db)));

const parked = (cents = 90_000): Promise<JobRow> =>
  pipeline.ask(agent, "probe.spend", { id, notes: "as asked", cents });
const notes = async (of = id) => (await test.db.manager.findOneByOrFail(Contact, { id: of })).notes;
const stored = (queue: string | null) => test.db.manager.findOneByOrFail(Authorization, { id: queue ?? "" });

describe("an edit is refused", () => {
  const unchanged = async (job: JobRow) => {
    expect(await pipeline.job(job.id)).toEqual(job);
    expect(await test.db.manager.countBy(Authorization, { job_id: job.id })).toBe(1);
  };

  it.each([
    ["an unknown field", () => ({ id, cents: 1, smuggled: true }), "data.smuggled"],
    ["a wrong type", () => ({ id, cents: "much" }), "data.cents"],
    ["a missing field", () => ({ cents: 1 }), "data.id"],
    ["a NUL byte", () => ({ id, cents: 1, notes: "a\0b" }), "data.notes"],
    ["the same data", () => ({ id, notes: "as asked", cents: 90_000, risky: false }), "data"],
  ])("with %s, and names the field", async (_what, data, path) => {
    const job = await parked();
    expect(await refusal(pipeline.edit(job, data()))).toMatchObject({
      code: "validation_failed",
      fields: [{ path }],
    });
    await unchanged(job);
  });

  it("with another record, and names it", async () => {
    const job = await parked();
    const other = await aContact(test.db);
    const { fields } = await refusal(pipeline.edit(job, { id: other.id, cents: 1 }));
    expect(fields).toEqual([{ path: "data.id", message: expect.stringContaining(other.id) }]);
    await unchanged(job);
  });

  it("with another record that only a call inside names", async () => {
    const other = await aContact(test.db);
    const step = (of: string) => ({ steps: [stepOf("swear", { id: of })] });
    const job = await pipeline.ask(agent, "probe.script", step(id));
    expect(await refusal(pipeline.edit(job, step(other.id)))).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.steps", message: expect.stringContaining(other.id) }],
    });
    await unchanged(job);
  });

  it("with more records, but not with fewer; those that were left out can come back", async () => {
    const ids: string[] = [];
    while (ids.length < 7) ids.push((await aContact(test.db)).id);
    const job = await pipeline.ask(agent, "contact.bulk_delete", { ids: ids.slice(0, 6) });
    expect(job.status).toBe("authorization_required");
    expect(await refusal(pipeline.edit(job, { ids }))).toMatchObject({ code: "validation_failed" });
    const fewer = await pipeline.edit(job, { ids: ids.slice(0, 2) });
    expect((await stored(fewer.queue_id)).records).toEqual(ids.slice(0, 2));
    expect(await pipeline.edit(fewer, { ids: ids.slice(0, 3) })).toMatchObject({ auth_status: "pending" });
  });

  it("where the action refuses the data", async () => {
    const swear = stepOf("swear", { id });
    const steps = (over: string) => ({ steps: [swear, stepOf("stumble", { id, over })] });
    const job = await pipeline.ask(agent, "probe.script", { steps: [swear] });
    expect(await refusal(pipeline.edit(job, steps("refusal")))).toMatchObject({ code: "invalid_state" });
    expect(await refusal(pipeline.edit(job, steps("constraint")))).toMatchObject({
      code: expect.any(String),
    });
    await unchanged(job);
  });

  it("for an undo: the job that it undoes is found by the request as it was sent", async () => {
    const { customer_id } = await aTicket(test.db, { status: "completed" });
    const deleted = await pipeline.answer(await pipeline.ask(agent, "contact.delete", { id: customer_id }));
    const undo = await pipeline.ask(agent, "job.undo", { job_id: deleted.id });
    expect(undo.status).toBe("authorization_required");
    const { fields } = await refusal(pipeline.edit(undo, { job_id: (await parked()).id }));
    expect(fields).toMatchObject([{ path: "data", message: expect.stringContaining("cannot be changed") }]);
    await unchanged(undo);
  });

  it.each([
    ["an agent", agent],
    ["a technician", technician],
    ["the system", { kind: "system", id: "test", name: "test" } as const],
  ])("by %s", async (_who, actor) => {
    const job = await parked();
    expect(await refusal(pipeline.edit(job, { id, cents: 1 }, actor))).toMatchObject({ code: "forbidden" });
    await unchanged(job);
  });

  it("by the office on its own request", async () => {
    const job = await pipeline.ask(office, "probe.spend", { id, cents: 5 });
    expect(await refusal(pipeline.edit(job, { id, cents: 1 }, office))).toMatchObject({ code: "forbidden" });
    await unchanged(job);
  });
});

describe("an edit that comes too late gets a conflict that says what happened", () => {
  const again = (job: JobRow) => refusal(pipeline.edit(job, { id, notes: "late", cents: 1 }));

  it("after a decision", async () => {
    const job = await parked();
    await decide(test.db, owner, { id: job.queue_id ?? "", decision: "authorized" });
    expect(await again(job)).toMatchObject({ code: "conflict", winner: { status: "authorized" } });
    await pipeline.run(job.id);
    expect(await notes()).toBe("as asked");
  });

  it("after the job was withdrawn", async () => {
    const job = await parked();
    await withdraw(test.db, agent, job.id);
    expect(await again(job)).toMatchObject({ code: "conflict", winner: { status: "withdrawn" } });
  });

  it("after the expiry, by the database's clock", async () => {
    const job = await parked();
    await test.db.query(`UPDATE "authorization" SET expires_at = clock_timestamp() WHERE id = $1`, [
      job.queue_id,
    ]);
    expect(await again(job)).toMatchObject({ code: "conflict", winner: { status: "expired" } });
    expect(await test.db.manager.countBy(Authorization, { job_id: job.id })).toBe(1);
  });

  it("after another edit, and a decision on the old question names the editor and the new one", async () => {
    const job = await parked();
    const { queue_id } = await pipeline.edit(job, { id, cents: 5 });
    const conflict = {
      code: "conflict",
      message: `${owner.name} has changed this request.`,
      hint: `Decide ${queue_id} instead.`,
      winner: { status: "superseded", edited_by: owner.name },
    };
    expect(await again(job)).toMatchObject(conflict);
    expect(await refusal(pipeline.answer(job))).toMatchObject(conflict);
  });

  it("when edits, decisions and a withdrawal meet: one of them wins, and what runs is what was allowed", async () => {
    for (let round = 0; round < 10; round++) {
      ({ id } = await aContact(test.db));
      const job = await parked();
      const tries = [
        pipeline.edit(job, { id, notes: "one", cents: 1 }),
        pipeline.edit(job, { id, notes: "two", cents: 2 }, office),
        decide(test.db, owner, { id: job.queue_id ?? "", decision: "authorized" }),
        decide(test.db, office, { id: job.queue_id ?? "", decision: "denied" }),
        ...(round % 2 ? [withdraw(test.db, agent, job.id)] : []),
      ];
      const settled = await Promise.allSettled<unknown>(tries);
      for (const each of settled)
        if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "conflict" });
      const live = await test.db.manager.query(
        `SELECT FROM "authorization" WHERE job_id = $1 AND status IN ('pending', 'authorized')`,
        [job.id],
      );
      const [first, second, allowed] = settled.map(({ status }) => status === "fulfilled");
      expect([first, second, allowed].filter(Boolean).length).toBeLessThanOrEqual(1);
      const ended = (await pipeline.job(job.id)).finished_at !== null;
      expect((live as unknown[]).length).toBe(ended ? 0 : 1);
      await pipeline.run(job.id);
      expect(await notes()).toBe(allowed && !ended ? "as asked" : null);
    }
  });
});

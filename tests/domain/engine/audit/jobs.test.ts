import type { AuditFilter, JobEntry } from "../../../../src/domain/engine/audit/entry.ts";
import { readAudit } from "../../../../src/domain/engine/audit/read.ts";
import { Rule } from "../../../../src/entities/rule.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { stepOf } from "../../../support/probe-actions.ts";
import { aContact, withJob } from "../../../support/factories.ts";
import { agent, owner, type Pipeline, testPipeline } from "../../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let id: string;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());
beforeEach(async () => {
  ({ id } = await aContact(test.db, { notes: "as it was" }));
});

const audit = (filter: AuditFilter) => readAudit(test.db.manager, owner, filter);

/** The one job. */
async function entryOf(job: { id: string }): Promise<JobEntry> {
  const { items } = await audit({ job: job.id });
  expect(items).toMatchObject([{ kind: "job", job_id: job.id }]);
  return items[0] as JobEntry; // As the line above holds.
}

describe("a job in the audit", () => {
  it("shows requester, action, times, reasoning, permission and, for an update, only the changed columns", async () => {
    const job = await pipeline.ask(agent, "probe.note", { id, notes: "touched" });
    const entry = await entryOf(job);
    expect(entry).toMatchObject({
      action: "probe.note",
      status: "completed",
      at: job.created_at.toISOString(),
      finished_at: job.finished_at?.toISOString(),
      actor: { key: "agent:token_office_manager", kind: "agent", name: "Office manager" },
      input: { id, notes: "touched" },
      reasoning: "The customer asked for it.",
      level: "unrestricted",
      allowed_by: { by: "level", id: null, words: "the agent's own level" },
      authorizations: [],
      error: null,
      more_changes: false,
    });
    expect(entry.changes).toEqual([
      {
        record: "contact",
        id,
        label: "Maria Garcia",
        operation: "update",
        before: { notes: "as it was", version: 1, updated_at: expect.any(String) },
        after: { notes: "touched", version: 2, updated_at: expect.any(String) },
      },
    ]);
  });

  it("shows a record once, with its values before and after the whole job", async () => {
    const steps = [stepOf("note", { id, notes: "one" }), stepOf("note", { id, notes: "two" })];
    const { changes } = await entryOf(await pipeline.ask(agent, "probe.script", { steps }));
    expect(changes).toMatchObject([{ before: { notes: "as it was" }, after: { notes: "two" } }]);
  });

  it("shows all columns of a new record and of a deleted one", async () => {
    const made = await pipeline.ask(owner, "contact.create", { name: "Eve" });
    expect((await entryOf(made)).changes).toMatchObject([
      { operation: "insert", before: null, after: { name: "Eve", version: 1 } },
    ]);
    const gone = await pipeline.ask(owner, "contact.delete", { id });
    expect((await entryOf(gone)).changes).toMatchObject([
      { operation: "delete", before: { id, notes: "as it was" }, after: null },
    ]);
  });

  it("names the person who allowed it, and shows the note", async () => {
    const parked = await pipeline.ask(agent, "probe.swear", { id });
    expect(await entryOf(parked)).toMatchObject({
      status: "authorization_required",
      allowed_by: null,
      authorizations: [{ id: parked.queue_id, status: "pending", decided_by: null, decided_at: null }],
      changes: [],
    });
    const done = await pipeline.answer(parked, { notes: "Go on." });
    expect(await entryOf(done)).toMatchObject({
      allowed_by: { by: "person", words: `Olga Owner, Allow Once, ${parked.queue_id}` },
      authorizations: [{ status: "authorized", decided_by: "Olga Owner", note: "Go on." }],
      changes: [{ id }],
    });
  });

  it("names the rule that allowed it, and who made the rule", async () => {
    const first = await pipeline.ask(agent, "probe.spend", { id, cents: 1 });
    await pipeline.answer(first, { upgrade_permission: true });
    const rule = await test.db.manager.findOneByOrFail(Rule, { authorization_id: first.queue_id ?? "" });
    expect((await entryOf(first)).allowed_by?.words).toBe(`Olga Owner, Allow Always, ${first.queue_id}`);
    const second = await pipeline.ask(agent, "probe.spend", { id, cents: 2 });
    expect((await entryOf(second)).allowed_by).toEqual({
      by: "rule",
      id: rule.id,
      words: `${rule.id} made by Olga Owner`,
    });
  });

  it("shows denied and failed jobs without permission and changes", async () => {
    const denied = await pipeline.ask(agent, "probe.swear", { id });
    await pipeline.answer(denied, { decision: "denied", notes: "No." });
    expect(await entryOf(denied)).toMatchObject({
      status: "denied",
      allowed_by: null,
      authorizations: [{ status: "denied", note: "No." }],
      changes: [],
    });
    const failed = await pipeline.ask(agent, "probe.stumble", { id, over: "refusal" });
    expect(await entryOf(failed)).toMatchObject({
      status: "failed",
      allowed_by: null,
      error: { code: "invalid_state" },
      changes: [],
    });
  });

  it("marks a dry run", async () => {
    const dry = await pipeline.ask(agent, "probe.note", { id }, { dry_run: true });
    expect(await entryOf(dry)).toMatchObject({ dry_run: true, allowed_by: null, changes: [] });
  });

  it("truncates a long list of changes, and returns all of it for the filter job", async () => {
    const contacts = await withJob(test.db, async (manager) => {
      const made: string[] = [];
      while (made.length < 101) made.push((await aContact(manager)).id);
      return made;
    });
    const steps = contacts.map((contact) => stepOf("note", { id: contact }));
    const job = await pipeline.ask(owner, "probe.script", { steps });
    const listed = (await audit({ limit: 1 })).items[0] as JobEntry; // The newest is this job.
    expect(listed).toMatchObject({ job_id: job.id, more_changes: true });
    expect(listed.changes).toHaveLength(100);
    const whole = await entryOf(job);
    expect(whole.more_changes).toBe(false);
    expect(whole.changes).toHaveLength(101);
  });
});

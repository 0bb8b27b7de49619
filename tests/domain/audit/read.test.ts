import { readAudit } from "../../../src/domain/audit/read.ts";
import type { AuditEntry, AuditFilter, JobEntry } from "../../../src/domain/audit/entry.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import type { Principal } from "../../../src/domain/core/principal.ts";
import { Rule } from "../../../src/entities/authorization.ts";
import { ApiToken, SecurityEvent, User } from "../../../src/entities/user.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { stepOf } from "../../support/errands.ts";
import { aContact, theSettings, withJob } from "../../support/factories.ts";
import {
  agent,
  makePipeline,
  office,
  otherAgent,
  owner,
  type Pipeline,
  system,
  technician,
} from "../../support/pipeline.ts";

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
  ({ id } = await aContact(test.db, { notes: "as it was" }));
});

const audit = (filter: AuditFilter = {}, actor = owner) => readAudit(test.db.manager, actor, filter);
const refuse = (principal = "anonymous", route = "POST /api/rules") =>
  test.db.getRepository(SecurityEvent).insert({ principal, route, reason: "nobody signed in", ip: "::1" });

/** The one job. */
async function entryOf(job: { id: string }): Promise<JobEntry> {
  const { items } = await audit({ job: job.id });
  expect(items).toMatchObject([{ kind: "job", job_id: job.id }]);
  return items[0] as JobEntry; // As the line above holds.
}

describe("a job in the audit", () => {
  it("says who did what, when, why, on whose word, and of an update only what differs, before and after", async () => {
    const job = await pipeline.ask(agent, "errand.note", { id, notes: "touched" });
    const entry = await entryOf(job);
    expect(entry).toMatchObject({
      action: "errand.note",
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

  it("counts a record once, from what it was before the job to what it was after", async () => {
    const steps = [stepOf("note", { id, notes: "one" }), stepOf("note", { id, notes: "two" })];
    const { changes } = await entryOf(await pipeline.ask(agent, "errand.script", { steps }));
    expect(changes).toMatchObject([{ before: { notes: "as it was" }, after: { notes: "two" } }]);
  });

  it("keeps a new record whole, and a deleted one", async () => {
    const made = await pipeline.ask(owner, "contact.create", { name: "Eve" });
    expect((await entryOf(made)).changes).toMatchObject([
      { operation: "insert", before: null, after: { name: "Eve", version: 1 } },
    ]);
    const gone = await pipeline.ask(owner, "contact.delete", { id });
    expect((await entryOf(gone)).changes).toMatchObject([
      { operation: "delete", before: { id, notes: "as it was" }, after: null },
    ]);
  });

  it("names the person who allowed it once, and what they wrote", async () => {
    const parked = await pipeline.ask(agent, "errand.swear", { id });
    expect(await entryOf(parked)).toMatchObject({
      status: "authorization_required",
      allowed_by: null,
      authorizations: [{ id: parked.queue_id, status: "pending", decided_by: null }],
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
    const first = await pipeline.ask(agent, "errand.spend", { id, cents: 1 });
    await pipeline.answer(first, { upgradePermission: true });
    const rule = await test.db.manager.findOneByOrFail(Rule, { authorization_id: first.queue_id ?? "" });
    expect((await entryOf(first)).allowed_by?.words).toBe(`Olga Owner, Allow Always, ${first.queue_id}`);
    const second = await pipeline.ask(agent, "errand.spend", { id, cents: 2 });
    expect((await entryOf(second)).allowed_by).toEqual({
      by: "rule",
      id: rule.id,
      words: `${rule.id} made by Olga Owner`,
    });
  });

  it("tells what was denied and what failed, with nothing allowed and nothing changed", async () => {
    const denied = await pipeline.ask(agent, "errand.swear", { id });
    await pipeline.answer(denied, { decision: "denied", notes: "No." });
    expect(await entryOf(denied)).toMatchObject({
      status: "denied",
      allowed_by: null,
      authorizations: [{ status: "denied", note: "No." }],
      changes: [],
    });
    const failed = await pipeline.ask(agent, "errand.stumble", { id, over: "refusal" });
    expect(await entryOf(failed)).toMatchObject({
      status: "failed",
      allowed_by: null,
      error: { code: "invalid_state" },
      changes: [],
    });
  });

  it("tells a dry run apart from what happened", async () => {
    const dry = await pipeline.ask(agent, "errand.note", { id }, { dryRun: true });
    expect(await entryOf(dry)).toMatchObject({ dry_run: true, allowed_by: null, changes: [] });
  });

  it("cuts a very long list of changes, and gives all of it where the job is asked for", async () => {
    const contacts = await withJob(test.db, async (manager) => {
      const made: string[] = [];
      while (made.length < 101) made.push((await aContact(manager)).id);
      return made;
    });
    const steps = contacts.map((contact) => stepOf("note", { id: contact }));
    const job = await pipeline.ask(owner, "errand.script", { steps });
    const listed = (await audit({ limit: 1 })).items[0] as JobEntry; // The newest is this job.
    expect(listed).toMatchObject({ job_id: job.id, more_changes: true });
    expect(listed.changes).toHaveLength(100);
    const whole = await entryOf(job);
    expect(whole.more_changes).toBe(false);
    expect(whole.changes).toHaveLength(101);
  });
});

describe("a record's time line", () => {
  it("is every job that changed it, newest first, and of each what it did to this record alone", async () => {
    const other = (await aContact(test.db)).id;
    const steps = [stepOf("note", { id, notes: "both" }), stepOf("note", { id: other })];
    const both = await pipeline.ask(agent, "errand.script", { steps });
    const second = await pipeline.ask(otherAgent, "errand.note", { id, notes: "again" });
    await pipeline.ask(agent, "errand.note", { id: other });
    await pipeline.ask(agent, "errand.stumble", { id, over: "refusal" });
    await refuse();
    const { items, total } = await audit({ entity: id });
    expect(items).toMatchObject([
      { job_id: second.id, changes: [{ id, before: { notes: "both" }, after: { notes: "again" } }] },
      { job_id: both.id, changes: [{ id, before: { notes: "as it was" }, after: { notes: "both" } }] },
      { action: "test.write", changes: [{ id, operation: "insert" }] },
    ]);
    expect(total).toBe(3);
    expect((items as JobEntry[]).every(({ changes }) => changes.length === 1)).toBe(true);
  });

  it("goes on after the record is gone", async () => {
    await pipeline.ask(owner, "contact.delete", { id });
    const { items } = await audit({ entity: id });
    expect(items[0]).toMatchObject({ action: "contact.delete", changes: [{ operation: "delete" }] });
  });

  it("exists for the settings, and not for what is no record", async () => {
    expect((await audit({ entity: "settings" })).total).toBeGreaterThan(0);
    for (const entity of [newId("job"), newId("rule"), newId("user"), "Johnson", "job", "constructor"]) {
      await expect(audit({ entity })).rejects.toMatchObject({
        code: "validation_failed",
        body: { fields: [{ path: "entity" }] },
      });
    }
  });
});

describe("who did it", () => {
  const token = { id: "token_night", name: "Night shift", token_hash: "x" };
  const night: Principal = { kind: "agent", id: token.id, name: token.name };
  beforeAll(async () => {
    await test.db.getRepository(ApiToken).insert(token);
    await test.db.getRepository(User).insert({
      id: owner.id,
      email: "olga@example.com",
      name: owner.name,
      role: "owner",
      password_hash: "x",
    });
    ({ id } = await aContact(test.db));
    await pipeline.ask(night, "errand.note", { id });
    await pipeline.ask(owner, "errand.note", { id });
    await refuse(`agent:${token.id}`);
    await refuse("anonymous");
  });

  it.each([
    ["agent:token_night", "Night shift"],
    ["token_night", "Night shift"],
    ["night SHIFT", "Night shift"],
    [`user:${owner.id}`, owner.name],
    ["Olga Owner", owner.name],
    ["OLGA@example.com", owner.name],
    ["anonymous", "anonymous"],
  ])("is found as %p", async (asked, name) => {
    const { items, total } = await audit({ actor: asked });
    expect(new Set(items.map(({ actor }) => actor.name))).toEqual(new Set([name]));
    expect(total).toBe(items.length);
  });

  it("has done jobs and refused tries in one list", async () => {
    const { items } = await audit({ actor: "Night shift" });
    expect(items.map(({ kind }) => kind)).toEqual(["refused", "job"]);
    expect(items[0]).toMatchObject({
      actor: { key: "agent:token_night", kind: "agent" },
      route: "POST /api/rules",
      reason: "nobody signed in",
      ip: "::1",
      at: expect.any(String),
    });
  });

  it("is said to be nobody where nobody has that name", async () => {
    await expect(audit({ actor: "Nobody" })).rejects.toMatchObject({
      code: "validation_failed",
      body: { fields: [{ path: "actor" }], hint: expect.stringContaining("agent:token_") },
    });
    expect(await audit({ actor: "agent:token_gone" })).toMatchObject({ items: [], total: 0 });
  });
});

describe("reading on", () => {
  const keyOf = (entry: AuditEntry) => (entry.kind === "job" ? entry.job_id : `event ${entry.event_id}`);

  it("shows each entry once, jobs and refusals by time, though new ones come in between", async () => {
    for (let round = 0; round < 4; round++) {
      await pipeline.ask(system, "errand.note", { id });
      await refuse();
      await refuse();
    }
    const { items: before, total } = await audit({ limit: 100 });
    expect(before).toHaveLength(total);
    expect(before.map(({ at }) => at)).toEqual([...before.map(({ at }) => at)].sort().reverse());
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await audit({ limit: 3, ...(cursor && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(keyOf));
      cursor = page.next_cursor;
      await pipeline.ask(system, "errand.note", { id });
      await refuse();
    } while (cursor);
    expect(seen).toEqual(before.map(keyOf));
  });

  it("ends where one half is empty", async () => {
    const { items, total } = await audit({ actor: "system:nobody" });
    expect([items, total]).toEqual([[], 0]);
    const first = await audit({ entity: id, limit: 100 });
    expect(first.next_cursor).toBeNull();
  });

  it("refuses a cursor that is none, or that belongs to another question", async () => {
    const { next_cursor } = await audit({ limit: 1 });
    for (const filter of [{ cursor: "1" }, { cursor: next_cursor ?? "", actor: "anonymous" }]) {
      await expect(audit(filter)).rejects.toMatchObject({ body: { fields: [{ path: "cursor" }] } });
    }
  });
});

describe("the audit", () => {
  it("is for the owner and the office only", async () => {
    expect((await audit({}, office)).items.length).toBeGreaterThan(0);
    for (const actor of [agent, technician, system])
      await expect(audit({}, actor)).rejects.toMatchObject({ code: "forbidden" });
  });
});

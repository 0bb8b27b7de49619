import { readAudit } from "../../../src/domain/audit/read.ts";
import type { AuditEntry, AuditFilter, JobEntry } from "../../../src/domain/audit/entry.ts";
import { narrowRule, revokeRule } from "../../../src/domain/authorization/rules.ts";
import { encodeCursor } from "../../../src/domain/core/cursor.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import type { Principal } from "../../../src/domain/core/principal.ts";
import { Rule, type RuleScope } from "../../../src/entities/authorization.ts";
import { ApiToken, SecurityEvent, User } from "../../../src/entities/user.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { stepOf } from "../../support/errands.ts";
import { aContact, theSettings } from "../../support/factories.ts";
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
    for (const entity of [newId("job"), newId("user"), "Johnson", "job", "rule", "constructor"]) {
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

/** Allows `errand.spend` always, up to so many cents: more than any rule before it. */
async function aRule(max_amount_cents: number): Promise<Rule> {
  const job = await pipeline.ask(agent, "errand.spend", { id, cents: max_amount_cents });
  await pipeline.answer(job, { upgradePermission: true, scope: { max_amount_cents } });
  return test.db.manager.findOneByOrFail(Rule, { authorization_id: job.queue_id ?? "" });
}
const narrow = (rule: Rule, scope: RuleScope, actor = owner) => narrowRule(test.db, actor, rule.id, scope);

describe("a rule", () => {
  const by = ({ id, kind, name }: Principal) => ({ actor: { key: `user:${id}`, kind, name } });

  it("has a time line: who narrowed it, who revoked it, from what to what", async () => {
    const rule = await aRule(500);
    await narrow(rule, { max_uses: 2 });
    await narrow(rule, { max_amount_cents: 100 }, office);
    await expect(narrow(rule, { max_uses: 3 })).rejects.toMatchObject({ code: "validation_failed" });
    await revokeRule(test.db.manager, owner, rule.id);
    await revokeRule(test.db.manager, office, rule.id);
    const [first, second] = [
      { max_amount_cents: 500, max_uses: 2 },
      { max_amount_cents: 100, max_uses: 2 },
    ];
    const same = { kind: "rule", rule_id: rule.id, action: "errand.spend", agent: "Office manager" };
    expect(await audit({ entity: rule.id })).toMatchObject({
      total: 3,
      next_cursor: null,
      items: [
        { ...same, ...by(owner), before: second, after: null },
        { ...same, ...by(office), before: first, after: second },
        { ...same, ...by(owner), before: { max_amount_cents: 500 }, after: first },
      ],
    });
  });

  it("stands among what the person did else, and in no job's and no other record's", async () => {
    const rule = await aRule(500);
    await narrow(rule, { max_uses: 1 }, office);
    const job = await pipeline.ask(office, "errand.note", { id });
    const { items } = await audit({ actor: `user:${office.id}`, limit: 2 });
    expect(items).toMatchObject([{ job_id: job.id }, { kind: "rule", rule_id: rule.id }]);
    const others = [...(await audit({ entity: id })).items, ...(await audit({ job: job.id })).items];
    expect(others.filter(({ kind }) => kind !== "job")).toEqual([]);
  });
});

describe("reading on", () => {
  const keyOf = (entry: AuditEntry) => {
    if (entry.kind === "job") return entry.job_id;
    return entry.kind === "rule" ? `rule change ${entry.change_id}` : `event ${entry.event_id}`;
  };

  it("shows each entry once, of every kind, by time, though new ones come in between", async () => {
    const rule = await aRule(600);
    for (let round = 0; round < 4; round++) {
      await pipeline.ask(system, "errand.note", { id });
      await refuse();
      await refuse();
      await narrow(rule, { max_amount_cents: 50 - round });
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
      await narrow(rule, { max_uses: 1 });
    } while (cursor);
    expect(seen).toEqual(before.map(keyOf));
  });

  it("ends where a part is empty", async () => {
    const { items, total } = await audit({ actor: "system:nobody" });
    expect([items, total]).toEqual([[], 0]);
    const first = await audit({ entity: id, limit: 100 });
    expect(first.next_cursor).toBeNull();
  });

  it("refuses a cursor that is none, or that belongs to another question", async () => {
    const { next_cursor } = await audit({ limit: 1 });
    const forged = encodeCursor({ id: "", value: "1; 2" }, {});
    for (const filter of [
      { cursor: "1" },
      { cursor: forged },
      { cursor: next_cursor ?? "", actor: "anonymous" },
    ]) {
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

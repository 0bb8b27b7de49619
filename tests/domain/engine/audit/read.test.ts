import { readAudit } from "../../../../src/domain/engine/audit/read.ts";
import type { AuditEntry, AuditFilter, JobEntry } from "../../../../src/domain/engine/audit/entry.ts";
import { narrowRule, revokeRule } from "../../../../src/domain/engine/authorization/rules.ts";
import { encodeCursor } from "../../../../src/domain/query/cursor.ts";
import { newId } from "../../../../src/domain/core/ids.ts";
import type { Principal } from "../../../../src/domain/core/principal.ts";
import { Rule } from "../../../../src/entities/rule.ts";
import type { RuleScope } from "../../../../src/entities/rule-scope.ts";
import { User } from "../../../../src/entities/user.ts";
import { ApiToken } from "../../../../src/entities/api-token.ts";
import { asAttacker } from "../../../support/evidence.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { stepOf } from "../../../support/probe-actions.ts";
import { aContact } from "../../../support/factories.ts";
import {
  agent,
  office,
  otherAgent,
  owner,
  type Pipeline,
  system,
  technician,
  testPipeline,
} from "../../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let id: string;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());
beforeEach(async () => {
  ({ id } = await aContact(test.db, { notes: "as it was" }));
});

const audit = (filter: AuditFilter = {}, actor = owner) => readAudit(test.db.manager, actor, filter);
const refuse = (principal = "anonymous", route = "POST /api/rules") =>
  asAttacker(
    test,
    `INSERT INTO security_event (principal, route, reason, ip)
     VALUES ('${principal}', '${route}', 'nobody signed in', '::1')`,
  );

describe("the history of a record", () => {
  it("contains each job that changed it, newest first, with the changes to this record only", async () => {
    const other = (await aContact(test.db)).id;
    const steps = [stepOf("note", { id, notes: "both" }), stepOf("note", { id: other })];
    const both = await pipeline.ask(agent, "probe.script", { steps });
    const second = await pipeline.ask(otherAgent, "probe.note", { id, notes: "again" });
    await pipeline.ask(agent, "probe.note", { id: other });
    await pipeline.ask(agent, "probe.stumble", { id, over: "refusal" });
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

  it("remains after the record is deleted", async () => {
    await pipeline.ask(owner, "contact.delete", { id });
    const { items } = await audit({ entity: id });
    expect(items[0]).toMatchObject({ action: "contact.delete", changes: [{ operation: "delete" }] });
  });

  it("exists for the settings, and is rejected for an id that is not a record's", async () => {
    expect((await audit({ entity: "settings" })).total).toBeGreaterThan(0);
    for (const entity of [newId("job"), newId("user"), "Johnson", "job", "rule", "constructor"]) {
      await expect(audit({ entity })).rejects.toMatchObject({
        code: "validation_failed",
        body: {
          fields: [{ path: "entity", message: expect.stringContaining("must be the id of a record") }],
          hint: expect.stringContaining("A job's id goes into job"),
        },
      });
    }
  });
});

describe("the filter actor", () => {
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
    await pipeline.ask(night, "probe.note", { id });
    await pipeline.ask(owner, "probe.note", { id });
    await refuse(`agent:${token.id}`);
    await refuse("anonymous");
  });

  it.each([
    ["agent:token_night", "Night shift", "agent"],
    ["token_night", "Night shift", "agent"],
    ["night SHIFT", "Night shift", "agent"],
    [`user:${owner.id}`, owner.name, "owner"],
    ["Olga Owner", owner.name, "owner"],
    ["OLGA@example.com", owner.name, "owner"],
    ["anonymous", "anonymous", "anonymous"],
  ])("accepts %p", async (asked, name, kind) => {
    const { items, total } = await audit({ actor: asked });
    expect(new Set(items.map(({ actor }) => actor.name))).toEqual(new Set([name]));
    expect(new Set(items.map(({ actor }) => actor.kind))).toEqual(new Set([kind]));
    expect(total).toBe(items.length);
  });

  it("returns jobs and refused attempts in one list", async () => {
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

  it("is rejected when no token or person has that name", async () => {
    await expect(audit({ actor: "Nobody" })).rejects.toMatchObject({
      code: "validation_failed",
      body: {
        fields: [{ path: "actor", message: "matches no token and no person" }],
        hint: expect.stringContaining("agent:token_"),
      },
    });
    expect(await audit({ actor: "agent:token_gone" })).toMatchObject({ items: [], total: 0 });
  });
});

/** Allows `probe.spend` always, up to so many cents: more than any rule before it. */
async function aRule(max_amount_cents: number): Promise<Rule> {
  const job = await pipeline.ask(agent, "probe.spend", { id, cents: max_amount_cents });
  await pipeline.answer(job, { upgrade_permission: true, scope: { max_amount_cents } });
  return test.db.manager.findOneByOrFail(Rule, { authorization_id: job.queue_id ?? "" });
}
const narrow = (rule: Rule, scope: RuleScope, actor = owner) =>
  narrowRule(test.db, actor, { id: rule.id, scope });

describe("a rule", () => {
  const by = ({ id, kind, name }: Principal) => ({ actor: { key: `user:${id}`, kind, name } });

  it("has a history: who narrowed and revoked it, with the limits before and after", async () => {
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
    const same = { kind: "rule", rule_id: rule.id, action: "probe.spend", agent: "Office manager" };
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

  it("is listed under the person, but under no job and no other record", async () => {
    const rule = await aRule(500);
    await narrow(rule, { max_uses: 1 }, office);
    const job = await pipeline.ask(office, "probe.note", { id });
    const { items } = await audit({ actor: `user:${office.id}`, limit: 2 });
    expect(items).toMatchObject([{ job_id: job.id }, { kind: "rule", rule_id: rule.id }]);
    const others = [...(await audit({ entity: id })).items, ...(await audit({ job: job.id })).items];
    expect(others.filter(({ kind }) => kind !== "job")).toEqual([]);
  });
});

describe("paging", () => {
  const keyOf = (entry: AuditEntry) => {
    if (entry.kind === "job") return entry.job_id;
    return entry.kind === "rule" ? `rule change ${entry.change_id}` : `event ${entry.event_id}`;
  };

  it("returns each entry once in order of time, while new ones are written", async () => {
    const rule = await aRule(600);
    for (let round = 0; round < 4; round++) {
      await pipeline.ask(system, "probe.note", { id });
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
      await pipeline.ask(system, "probe.note", { id });
      await refuse();
      await narrow(rule, { max_uses: 1 });
    } while (cursor);
    expect(seen).toEqual(before.map(keyOf));
  });

  it("ends when one kind of entry has no more rows", async () => {
    const { items, total } = await audit({ actor: "system:nobody" });
    expect([items, total]).toEqual([[], 0]);
    const first = await audit({ entity: id, limit: 100 });
    expect(first.next_cursor).toBeNull();
  });

  it("refuses an invalid cursor and the cursor of another query", async () => {
    const { next_cursor } = await audit({ limit: 1 });
    const forged = encodeCursor({ id: "", value: "1; 2" }, {});
    await expect(audit({ cursor: forged })).rejects.toMatchObject({
      body: { fields: [{ message: "is invalid; send next_cursor of the previous page unchanged" }] },
    });
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
      await expect(audit({}, actor)).rejects.toMatchObject({
        code: "forbidden",
        body: {
          message: "The audit is for the owner and the office.",
          hint: "Ask the owner; your own jobs are in GET /api/jobs.",
        },
      });
  });
});

import { listRules, narrowRule } from "../../../../src/domain/engine/authorization/rules.ts";
import { readAudit } from "../../../../src/domain/engine/audit/read.ts";
import type { Decision } from "../../../../src/domain/engine/authorization/decide.ts";
import type { CrmError } from "../../../../src/domain/core/errors.ts";
import { newId } from "../../../../src/domain/core/ids.ts";
import { Rule } from "../../../../src/entities/rule.ts";
import type { RuleScope } from "../../../../src/entities/rule-scope.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { stepOf } from "../../../support/probe-actions.ts";
import { aContact, aTicket } from "../../../support/factories.ts";
import { agent, owner, type Pipeline } from "../../../support/pipeline.ts";
import { allowing, DONE, PARKED } from "./allowing.ts";

describe("Allow Always", () => {
  const { now, spend, allowAlways } = allowing();
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeEach(() => void ({ test, pipeline, id } = now()));

  describe("with a scope", () => {
    it("applies to its record only", async () => {
      await allowAlways({ record_id: id });
      expect(await spend(100, agent, (await aContact(test.db)).id)).toMatchObject(PARKED);
      expect(await spend()).toMatchObject(DONE);
    });

    const refused = async (action: string, data: object, decision: Partial<Decision>) => {
      const job = await pipeline.ask(agent, action, data);
      const always = pipeline.answer(job, { upgrade_permission: true, ...decision });
      await expect(always).rejects.toMatchObject({ code: "validation_failed" });
      expect(await pipeline.job(job.id)).toMatchObject({ ...PARKED, auth_status: "pending" });
      return always.catch(({ body }: CrmError) => body);
    };

    it("cannot be limited to a record that the request does not name, or to one of several", async () => {
      const offered = async (action: string, data: object) =>
        (await pipeline.question(await pipeline.ask(agent, action, data))).allow_always;
      const script = { steps: [stepOf("swear", { id })] };
      expect(await refused("probe.script", script, { scope: { record_id: id } })).toMatchObject({
        fields: [
          {
            path: "scope.record_id",
            message: "must be left out: the request is not about one record that remains",
          },
        ],
        hint: expect.stringContaining("until, max_uses or max_amount_cents"),
      });
      expect(await offered("probe.script", script)).toEqual({
        action: "probe.script",
        record_id: null,
        amount_cents: null,
        causes: ["data"],
      });
      const { id: other } = await aContact(test.db);
      expect(await refused("probe.spend", { id, cents: 1 }, { scope: { record_id: other } })).toMatchObject({
        fields: [{ message: `must be ${id}, the record of this request` }],
      });
      expect(await offered("probe.spend", { id, cents: 1 })).toMatchObject({
        record_id: id,
        amount_cents: 1,
      });
    });

    it("cannot be limited to a record that the request deletes, nor narrowed to one later", async () => {
      const { customer_id } = await aTicket(test.db);
      const deletion = ["contact.delete", { id: customer_id }] as const;
      const scope = { record_id: customer_id };
      expect(await refused(...deletion, { scope })).toMatchObject({
        fields: [{ path: "scope.record_id", message: "must be left out: the request deletes this record" }],
      });
      const { id: rule } = await allowAlways({}, ...deletion);
      await expect(narrowRule(test.db, owner, { id: rule, scope })).rejects.toMatchObject({
        code: "validation_failed",
        body: { fields: [{ path: "scope.record_id" }] },
      });
    });

    it("is not offered for the undo of what a person approved, which asks every time", async () => {
      const { customer_id } = await aTicket(test.db);
      const deleted = await pipeline.answer(await pipeline.ask(agent, "contact.delete", { id: customer_id }));
      const undo = { job_id: deleted.id };
      expect(await refused("job.undo", undo, {})).toMatchObject({
        fields: [{ path: "upgrade_permission" }],
        hint: "Nothing was decided. Allow it once.",
      });
      await test.db.manager.query(
        `INSERT INTO rule (id, action, principal, principal_name, causes, authorization_id, created_by, created_by_name)
         SELECT 'rule_everything', 'contact.create', $1, 'x', '{data}', id, 'x', 'x' FROM "authorization" LIMIT 1`,
        [`agent:${agent.id}`],
      );
      expect(await pipeline.ask(agent, "job.undo", undo)).toMatchObject(PARKED);
    });

    it("applies to its record only while it has no more history than was approved", async () => {
      const rule = await allowAlways({ record_id: id });
      expect(rule.approved).toEqual([{ cents: 100 }]);
      expect(await spend(100)).toMatchObject(DONE);
      expect(await spend(101)).toMatchObject(PARKED);
    });

    it("does not apply to its record for a fact that was not approved, nor for more causes than then", async () => {
      const script = (...steps: ReturnType<typeof stepOf>[]) => ({ steps });
      const one = stepOf("spend", { id, cents: 100 });
      const rule = await allowAlways({}, "probe.script", script(one));
      await test.db.manager.update(Rule, rule.id, { scope: {}, approved: [{ cents: 100 }] });
      expect(await pipeline.ask(agent, "probe.script", script(one, one))).toMatchObject(DONE);
      // As a rule for one record, the same request is more than what was approved.
      const spending = await allowAlways({ record_id: id });
      await test.db.manager.update(Rule, spending.id, { approved: [{ tickets: 3 }] });
      expect(await spend(100)).toMatchObject(PARKED);
      await test.db.manager.update(Rule, spending.id, { approved: [] });
      expect(await spend(100)).toMatchObject(PARKED);
    });

    it("ends when something is merged into its record, which the rules and the audit say", async () => {
      const { id: elsewhere } = await allowAlways({}, "probe.swear", { id });
      const rule = await allowAlways({ record_id: id });
      const { customer_id } = await aTicket(test.db);
      const merge = await pipeline.ask(owner, "contact.merge", { id: customer_id, into_id: id });
      expect(merge).toMatchObject(DONE);
      const revoked_reason = `Another record was merged into it by ${merge.id}`;
      const { items } = await listRules(test.db.manager, owner);
      expect(items.find((each) => each.id === rule.id)).toMatchObject({
        revoked_at: expect.any(String),
        revoked_reason,
      });
      expect(items.find((each) => each.id === elsewhere)).toMatchObject({ revoked_at: null });
      expect((await readAudit(test.db.manager, owner, { entity: rule.id })).items).toMatchObject([
        { kind: "rule", after: null, reason: revoked_reason, actor: { kind: "owner" } },
      ]);
    });

    it("does not end when its record is merged into another one, or when the merge is only tried", async () => {
      const rule = await allowAlways({ record_id: id });
      const { customer_id } = await aTicket(test.db);
      await pipeline.ask(owner, "contact.merge", { id: customer_id, into_id: id }, { dry_run: true });
      await pipeline.ask(owner, "contact.merge", { id, into_id: customer_id });
      expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({
        revoked_at: null,
      });
    });

    it("does not apply to a list that begins with its record", async () => {
      const customers = [await aTicket(test.db), await aTicket(test.db), await aTicket(test.db)];
      const [first = "", ...rest] = customers.map(({ customer_id }) => customer_id);
      const rule = await allowAlways({}, "contact.bulk_delete", { ids: [first] });
      const removeRest = (idempotency_key: string) =>
        pipeline.ask(
          agent,
          "contact.bulk_delete",
          { ids: rest },
          { idempotency_key, reasoning: "Both left." },
        );
      const limitTo = (scope: RuleScope) => test.db.manager.update(Rule, rule.id, { scope });

      await limitTo({ record_id: rest.sort()[0] ?? "" }); // The handler reads the ids in this order.
      const parked = await removeRest("limited");
      expect(parked).toMatchObject(PARKED);
      await pipeline.answer(parked, { decision: "denied" }); // While it waits, an equal request answers it.
      await limitTo({});
      expect(await removeRest("unlimited")).toMatchObject(DONE);
    });

    it("applies up to its amount, and not to an unknown amount", async () => {
      await allowAlways({ max_amount_cents: 100 });
      expect(await spend(100)).toMatchObject(DONE);
      expect(await spend(101)).toMatchObject(PARKED);
      expect(await pipeline.ask(agent, "probe.spend", { id, risky: true })).toMatchObject(PARKED);
    });

    it("applies to a workflow up to its amount for all steps together", async () => {
      const steps = (...amounts: number[]) => ({
        steps: amounts.map((cents) => stepOf("spend", { id, cents })),
      });
      await allowAlways({ max_amount_cents: 100 }, "probe.script", steps(1));
      expect(await pipeline.ask(agent, "probe.script", steps(50, 50))).toMatchObject(DONE);
      expect(await pipeline.ask(agent, "probe.script", steps(50, 51))).toMatchObject(PARKED);
    });

    it("applies until its end", async () => {
      await allowAlways({ until: "2999-01-01T00:00:00+01:00" });
      expect(await spend()).toMatchObject(DONE);
      await test.db.manager.update(
        Rule,
        { action: "probe.spend" },
        { scope: { until: "2020-01-01T00:00:00Z" } },
      );
      expect(await spend()).toMatchObject(PARKED);
    });

    it("applies for its number of uses, not counting the request that created it", async () => {
      await allowAlways({ max_uses: 2 });
      expect(await spend()).toMatchObject(DONE);
      expect(await spend()).toMatchObject(DONE);
      expect(await spend()).toMatchObject(PARKED);
    });

    it("does not count requests that a person allowed or that failed", async () => {
      const waiting = await spend(100, agent, (await aContact(test.db)).id);
      const rule = await allowAlways({ max_uses: 1 });
      expect(await pipeline.answer(waiting)).toMatchObject({ ...DONE, allowed_by: waiting.queue_id });
      expect(await spend(100, agent, newId("contact"))).toMatchObject({ status: "failed" });
      expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({ uses: 0 });
      expect(await spend()).toMatchObject({ ...DONE, allowed_by: rule.id });
    });

    it("never exceeds its uses when many requests run at once", async () => {
      const rule = await allowAlways({ max_uses: 3 });
      const contacts = await Promise.all(Array.from({ length: 10 }, () => aContact(test.db)));
      const jobs = await Promise.all(contacts.map((contact) => spend(100, agent, contact.id)));
      expect(jobs.filter(({ status }) => status === "completed")).toHaveLength(3);
      expect(jobs.filter(({ status }) => status === "authorization_required")).toHaveLength(7);
      expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({ uses: 3 });
    });
  });
});

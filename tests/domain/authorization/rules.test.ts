import { listRules, revokeRule } from "../../../src/domain/authorization/rules.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { Rule } from "../../../src/entities/authorization.ts";
import { Contact } from "../../../src/entities/contact.ts";
import type { TestDatabase } from "../../support/database.ts";
import { stepOf } from "../../support/errands.ts";
import { aContact, withJob } from "../../support/factories.ts";
import { agent, office, otherAgent, owner, type Pipeline, technician } from "../../support/pipeline.ts";
import { allowing, DONE, PARKED } from "./allowing.ts";

describe("Allow Always", () => {
  const { now, spend, allowAlways } = allowing();
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeEach(() => void ({ test, pipeline, id } = now()));

  it("lets the same agent do the same again, at once, and counts it", async () => {
    const rule = await allowAlways();
    expect(rule).toMatchObject({
      action: "errand.spend",
      causes: ["data"],
      scope: {},
      uses: 0,
      last_used_at: null,
    });
    expect(await spend(999)).toMatchObject({ ...DONE, level: "unrestricted", allowed_by: rule.id });
    expect((await listRules(test.db.manager, owner)).items[0]).toMatchObject({
      id: rule.id,
      agent: "Office manager",
      uses: 1,
      created_by: owner.name,
      last_used_at: expect.any(String),
      revoked_at: null,
    });
  });

  it("lets nobody else do it, and nothing else be done", async () => {
    await allowAlways();
    expect(await spend(100, otherAgent)).toMatchObject(PARKED);
    expect(await spend(100, office)).toMatchObject(PARKED);
    expect(await pipeline.ask(agent, "errand.splurge", { id, cents: 100 })).toMatchObject(PARKED);
  });

  it("is for the action that was asked for, not for a workflow around it nor for the steps of one", async () => {
    const script = (cents: number) =>
      pipeline.ask(agent, "errand.script", { steps: [stepOf("spend", { id, cents })] });
    await allowAlways();
    expect(await script(1)).toMatchObject(PARKED);

    await allowAlways({}, "errand.script", { steps: [stepOf("swear", { id })] });
    expect(await script(2)).toMatchObject(DONE);
    expect(await pipeline.ask(agent, "errand.swear", { id })).toMatchObject(PARKED);
  });

  it("still wants reasoning where the action itself does", async () => {
    await allowAlways({}, "errand.splurge");
    const data = { id, cents: 100 };
    expect(await pipeline.ask(agent, "errand.splurge", data)).toMatchObject({ ...DONE, level: "soft_limit" });
    expect(await pipeline.ask(agent, "errand.splurge", data, {})).toMatchObject({
      status: "failed",
      error: { code: "reasoning_required" },
    });
  });

  it("lowers only the causes it was made from", async () => {
    const { id: rule } = await allowAlways();
    await test.db.manager.update(Rule, rule, { causes: ["window"] });
    expect(await spend()).toMatchObject(PARKED);
  });

  it("ends when it is revoked, and stays revoked by whom it was", async () => {
    const rule = await allowAlways();
    const { revoked_at } = await revokeRule(test.db.manager, owner, rule.id);
    expect(await revokeRule(test.db.manager, office, rule.id)).toMatchObject({ revoked_at });
    expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({
      revoked_by: owner.id,
    });
    expect(await spend()).toMatchObject(PARKED);
  });

  it("shows what a dry run would be allowed, and is not used by it", async () => {
    const rule = await allowAlways();
    const { result } = await pipeline.ask(agent, "errand.spend", { id, cents: 5 }, { dryRun: true });
    expect(result).toMatchObject({ permission: "unrestricted", reason: "It costs 5" });
    expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({ uses: 0 });
  });

  describe("with a scope", () => {
    it("holds for one record", async () => {
      await allowAlways({ record_id: id });
      expect(await spend(100, agent, (await aContact(test.db)).id)).toMatchObject(PARKED);
      expect(await spend()).toMatchObject(DONE);
    });

    it("for one record is none for a request that names no record", async () => {
      const data = { steps: [stepOf("swear", { id })] };
      await allowAlways({ record_id: id }, "errand.script", data);
      expect(await pipeline.ask(agent, "errand.script", data)).toMatchObject(PARKED);
    });

    it("holds up to an amount, and not for what has none", async () => {
      await allowAlways({ max_amount_cents: 100 });
      expect(await spend(100)).toMatchObject(DONE);
      expect(await spend(101)).toMatchObject(PARKED);
      expect(await pipeline.ask(agent, "errand.spend", { id, risky: true })).toMatchObject(PARKED);
    });

    it("holds up to an amount for all steps of a workflow together", async () => {
      const steps = (...amounts: number[]) => ({
        steps: amounts.map((cents) => stepOf("spend", { id, cents })),
      });
      await allowAlways({ max_amount_cents: 100 }, "errand.script", steps(1));
      expect(await pipeline.ask(agent, "errand.script", steps(50, 50))).toMatchObject(DONE);
      expect(await pipeline.ask(agent, "errand.script", steps(50, 51))).toMatchObject(PARKED);
    });

    it("holds until a moment", async () => {
      await allowAlways({ until: "2999-01-01T00:00:00+01:00" });
      expect(await spend()).toMatchObject(DONE);
      await test.db.manager.update(
        Rule,
        { action: "errand.spend" },
        { scope: { until: "2020-01-01T00:00:00Z" } },
      );
      expect(await spend()).toMatchObject(PARKED);
    });

    it("holds for so many uses; the request it came from is none", async () => {
      await allowAlways({ max_uses: 2 });
      expect(await spend()).toMatchObject(DONE);
      expect(await spend()).toMatchObject(DONE);
      expect(await spend()).toMatchObject(PARKED);
    });

    it("is not used up by what a person allowed, nor by what failed", async () => {
      const waiting = await spend(100, agent, (await aContact(test.db)).id);
      const rule = await allowAlways({ max_uses: 1 });
      expect(await pipeline.answer(waiting)).toMatchObject({ ...DONE, allowed_by: waiting.queue_id });
      expect(await spend(100, agent, newId("contact"))).toMatchObject({ status: "failed" });
      expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({ uses: 0 });
      expect(await spend()).toMatchObject({ ...DONE, allowed_by: rule.id });
    });

    it("is never used more often than it says, however many run at once", async () => {
      const rule = await allowAlways({ max_uses: 3 });
      const contacts = await Promise.all(Array.from({ length: 10 }, () => aContact(test.db)));
      const jobs = await Promise.all(contacts.map((contact) => spend(100, agent, contact.id)));
      expect(jobs.filter(({ status }) => status === "completed")).toHaveLength(3);
      expect(jobs.filter(({ status }) => status === "authorization_required")).toHaveLength(7);
      expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({ uses: 3 });
    });
  });

  it("leaves no rule where the request came to nothing", async () => {
    const job = await spend();
    await withJob(test.db, (db) => db.update(Contact, id, { notes: "meanwhile" }));
    const again = await pipeline.answer(job, { upgradePermission: true });
    expect(again).toMatchObject(PARKED);
    expect(await pipeline.answer(again)).toMatchObject(DONE);
    expect(await spend()).toMatchObject(PARKED);
  });

  it("is listed and revoked by people only", async () => {
    const { id: rule } = await allowAlways();
    for (const actor of [agent, technician]) {
      await expect(listRules(test.db.manager, actor)).rejects.toMatchObject({ code: "forbidden" });
      await expect(revokeRule(test.db.manager, actor, rule)).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(revokeRule(test.db.manager, owner, newId("rule"))).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await spend()).toMatchObject(DONE);
  });
});

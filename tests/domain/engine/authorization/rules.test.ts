import { listRules, revokeRule } from "../../../../src/domain/engine/authorization/rules.ts";
import { newId } from "../../../../src/domain/core/ids.ts";
import { Rule } from "../../../../src/entities/rule.ts";
import { Contact } from "../../../../src/entities/contact.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { stepOf } from "../../../support/probe-actions.ts";
import { withJob } from "../../../support/factories.ts";
import { agent, office, otherAgent, owner, type Pipeline, technician } from "../../../support/pipeline.ts";
import { allowing, DONE, PARKED } from "./allowing.ts";

describe("Allow Always", () => {
  const { now, spend, allowAlways } = allowing();
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeEach(() => void ({ test, pipeline, id } = now()));

  it("lets the same agent run the same action at once, and counts the use", async () => {
    const rule = await allowAlways();
    expect(rule).toMatchObject({
      action: "probe.spend",
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

  it("covers no other agent and no other action", async () => {
    await allowAlways();
    expect(await spend(100, otherAgent)).toMatchObject(PARKED);
    expect(await spend(100, office)).toMatchObject(PARKED);
    expect(await pipeline.ask(agent, "probe.splurge", { id, cents: 100 })).toMatchObject(PARKED);
  });

  it("covers the requested action, neither a workflow around it nor the steps of one", async () => {
    const script = (cents: number) =>
      pipeline.ask(agent, "probe.script", { steps: [stepOf("spend", { id, cents })] });
    await allowAlways();
    expect(await script(1)).toMatchObject(PARKED);

    await allowAlways({}, "probe.script", { steps: [stepOf("swear", { id })] });
    expect(await script(2)).toMatchObject(DONE);
    expect(await pipeline.ask(agent, "probe.swear", { id })).toMatchObject(PARKED);
  });

  it("still requires reasoning when the action itself does", async () => {
    await allowAlways({}, "probe.splurge");
    const data = { id, cents: 100 };
    expect(await pipeline.ask(agent, "probe.splurge", data)).toMatchObject({ ...DONE, level: "soft_limit" });
    expect(await pipeline.ask(agent, "probe.splurge", data, {})).toMatchObject({
      status: "failed",
      error: { code: "reasoning_required" },
    });
  });

  it("needs no reasoning for an action that only ever needs a person", async () => {
    await allowAlways({}, "probe.swear", { id });
    expect(await pipeline.ask(agent, "probe.swear", { id }, {})).toMatchObject({
      ...DONE,
      level: "unrestricted",
    });
  });

  it("lowers only the causes that it was made from", async () => {
    const { id: rule } = await allowAlways();
    await test.db.manager.update(Rule, rule, { causes: ["window"] });
    expect(await spend()).toMatchObject(PARKED);
  });

  it("ends when it is revoked; a second revocation changes nothing", async () => {
    const rule = await allowAlways();
    const { revoked_at } = await revokeRule(test.db.manager, owner, rule.id);
    expect(await revokeRule(test.db.manager, office, rule.id)).toMatchObject({ revoked_at });
    expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({
      revoked_by: owner.id,
    });
    expect(await spend()).toMatchObject(PARKED);
  });

  it("applies to a dry run without counting a use", async () => {
    const rule = await allowAlways();
    const { result } = await pipeline.ask(agent, "probe.spend", { id, cents: 5 }, { dry_run: true });
    expect(result).toMatchObject({ permission: "unrestricted", reason: "It costs 5" });
    expect(await test.db.manager.findOneByOrFail(Rule, { id: rule.id })).toMatchObject({ uses: 0 });
  });

  it("writes no rule when the request fails", async () => {
    const job = await spend();
    await withJob(test.db, (db) => db.update(Contact, id, { notes: "meanwhile" }));
    const again = await pipeline.answer(job, { upgrade_permission: true });
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

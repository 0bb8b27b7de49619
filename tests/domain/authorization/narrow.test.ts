import { narrowRule, revokeRule } from "../../../src/domain/authorization/rules.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { Rule, type RuleScope } from "../../../src/entities/authorization.ts";
import type { TestDatabase } from "../../support/database.ts";
import { agent, office, owner } from "../../support/pipeline.ts";
import { allowing, DONE, PARKED } from "./allowing.ts";

describe("a rule that is narrowed", () => {
  const { now, spend, allowAlways } = allowing();
  let test: TestDatabase;
  let id: string;
  beforeEach(() => void ({ test, id } = now()));

  const narrow = (rule: string, scope: RuleScope, actor = owner) => narrowRule(test.db, actor, rule, scope);

  it("takes on limits, keeps those it had, and holds at once", async () => {
    const { id: rule } = await allowAlways({ max_amount_cents: 500 });
    expect(await spend(400)).toMatchObject(DONE);
    expect(await narrow(rule, { max_uses: 2 })).toMatchObject({
      scope: { max_amount_cents: 500, max_uses: 2 },
      uses: 1,
    });
    expect(await narrow(rule, { max_amount_cents: 100, record_id: id }, office)).toMatchObject({
      scope: { max_amount_cents: 100, max_uses: 2, record_id: id },
    });
    expect(await spend(101)).toMatchObject(PARKED);
    expect(await spend(100)).toMatchObject(DONE);
    expect(await spend(99)).toMatchObject(PARKED);
  });

  it("may be asked for what holds already", async () => {
    const scope = { max_amount_cents: 1, until: "2999-01-01T00:00:00Z", max_uses: 1, record_id: id };
    const { id: rule } = await allowAlways(scope);
    const same = { ...scope, until: "2999-01-01T01:00:00+01:00" };
    expect(await narrow(rule, same)).toMatchObject({ scope: same });
  });

  it.each<[keyof RuleScope, RuleScope]>([
    ["record_id", { record_id: "contact_other" }],
    ["max_amount_cents", { max_amount_cents: 101 }],
    ["until", { until: "2999-01-01T00:00:00-01:00" }],
    ["max_uses", { max_uses: 3 }],
  ])("never gets wider in %s, and then nothing of it is written", async (key, wider) => {
    const scope = { record_id: id, max_amount_cents: 100, until: "2999-01-01T00:00:00Z", max_uses: 2 };
    const { id: rule } = await allowAlways(scope);
    const tighter = key === "max_uses" ? { max_amount_cents: 1 } : { max_uses: 1 };
    await expect(narrow(rule, { ...tighter, ...wider })).rejects.toMatchObject({
      code: "validation_failed",
      body: {
        fields: [{ path: `scope.${key}`, message: expect.stringContaining("must") }],
        hint: expect.stringContaining("Allow Always"),
      },
    });
    expect(await test.db.manager.findOneByOrFail(Rule, { id: rule })).toMatchObject({ scope });
  });

  it("is nothing for a rule that was revoked, that is not there, or for an agent", async () => {
    const { id: rule } = await allowAlways();
    await expect(narrow(rule, { max_uses: 1 }, agent)).rejects.toMatchObject({ code: "forbidden" });
    await expect(narrow(newId("rule"), { max_uses: 1 })).rejects.toMatchObject({ code: "not_found" });
    await revokeRule(test.db.manager, owner, rule);
    await expect(narrow(rule, { max_uses: 1 })).rejects.toMatchObject({ code: "invalid_state" });
  });

  it("loses no limit when two people narrow at once", async () => {
    const { id: rule } = await allowAlways();
    await Promise.all([narrow(rule, { max_uses: 5 }), narrow(rule, { max_amount_cents: 7 }, office)]);
    expect(await test.db.manager.findOneByOrFail(Rule, { id: rule })).toMatchObject({
      scope: { max_uses: 5, max_amount_cents: 7 },
    });
  });
});

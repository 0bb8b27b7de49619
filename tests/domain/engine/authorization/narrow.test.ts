import { narrowRule, revokeRule } from "../../../../src/domain/engine/authorization/rules.ts";
import { newId } from "../../../../src/domain/core/ids.ts";
import { Rule } from "../../../../src/entities/rule.ts";
import type { RuleScope } from "../../../../src/entities/rule-scope.ts";
import { rows } from "../../../../src/database/sql.ts";
import { waitingForLocks } from "../../../support/act.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { agent, office, owner } from "../../../support/pipeline.ts";
import { allowing, DONE, PARKED } from "./allowing.ts";

describe("a rule that is narrowed", () => {
  const { now, spend, allowAlways } = allowing();
  let test: TestDatabase;
  let id: string;
  beforeEach(() => void ({ test, id } = now()));

  const narrow = (rule: string, scope: RuleScope, actor = owner) =>
    narrowRule(test.db, actor, { id: rule, scope });

  it("gets new limits, keeps its old ones, and applies at once", async () => {
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

  it("accepts limits that it already has", async () => {
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
  ])("is unchanged when a wider %s is rejected", async (key, wider) => {
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

  it("must exist and be live, and cannot be narrowed by an agent", async () => {
    const { id: rule } = await allowAlways();
    await expect(narrow(rule, { max_uses: 1 }, agent)).rejects.toMatchObject({ code: "forbidden" });
    await expect(narrow(newId("rule"), { max_uses: 1 })).rejects.toMatchObject({ code: "not_found" });
    await revokeRule(test.db.manager, owner, rule);
    await expect(narrow(rule, { max_uses: 1 })).rejects.toMatchObject({ code: "invalid_state" });
  });

  it("loses no limit when two people narrow at once", async () => {
    const { id: rule } = await allowAlways();
    const both = await test.db.transaction(async (db) => {
      await rows(db, "SELECT FROM rule WHERE id = $1 FOR UPDATE", [rule]);
      const people = [narrow(rule, { max_uses: 5 }), narrow(rule, { max_amount_cents: 7 }, office)];
      await waitingForLocks(test.db, 2);
      return { people };
    });
    await Promise.all(both.people);
    expect(await test.db.manager.findOneByOrFail(Rule, { id: rule })).toMatchObject({
      scope: { max_uses: 5, max_amount_cents: 7 },
    });
  });
});

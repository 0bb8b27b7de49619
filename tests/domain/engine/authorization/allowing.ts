import { listRules, revokeRule } from "../../../../src/domain/engine/authorization/rules.ts";
import { Rule } from "../../../../src/entities/rule.ts";
import type { RuleScope } from "../../../../src/entities/rule-scope.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact } from "../../../support/factories.ts";
import { agent, owner, type Pipeline, testPipeline } from "../../../support/pipeline.ts";

export const DONE = { status: "completed" };
export const PARKED = { status: "authorization_required" };

/** Before each test of a file a new customer and no rule; asks for `probe.spend`, which a person must allow. */
export function allowing() {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
    for (const { id: rule } of (await listRules(test.db.manager, owner)).items)
      await revokeRule(test.db.manager, owner, rule);
  });

  return {
    now: () => ({ test, pipeline, id }),
    spend: (cents = 100, actor = agent, contact = id) =>
      pipeline.ask(actor, "probe.spend", { id: contact, cents }),
    /** Allows `probe.spend` of 100 cents always, as far as `scope` reaches. */
    async allowAlways(scope?: RuleScope, action = "probe.spend", data: object = { id, cents: 100 }) {
      const job = await pipeline.ask(agent, action, data);
      const always = { upgrade_permission: true, ...(scope && { scope }) };
      expect(await pipeline.answer(job, always)).toMatchObject(DONE);
      return test.db.manager.findOneByOrFail(Rule, { authorization_id: job.queue_id ?? "" });
    },
  };
}

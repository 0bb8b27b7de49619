import { listRules, revokeRule } from "../../../src/domain/authorization/rules.ts";
import { Rule, type RuleScope } from "../../../src/entities/authorization.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

export const DONE = { status: "completed" };
export const PARKED = { status: "authorization_required" };

/** Before each test of a file a new customer and no rule; asks for `errand.spend`, which a person must allow. */
export function allowing() {
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
    ({ id } = await aContact(test.db));
    for (const { id: rule } of (await listRules(test.db.manager, owner)).items)
      await revokeRule(test.db.manager, owner, rule);
  });

  return {
    now: () => ({ test, pipeline, id }),
    spend: (cents = 100, actor = agent, contact = id) =>
      pipeline.ask(actor, "errand.spend", { id: contact, cents }),
    /** Allows `errand.spend` of 100 cents always, as far as `scope` reaches. */
    async allowAlways(scope?: RuleScope, action = "errand.spend", data: object = { id, cents: 100 }) {
      const job = await pipeline.ask(agent, action, data);
      const always = { upgradePermission: true, ...(scope && { scope }) };
      expect(await pipeline.answer(job, always)).toMatchObject(DONE);
      return test.db.manager.findOneByOrFail(Rule, { authorization_id: job.queue_id ?? "" });
    },
  };
}

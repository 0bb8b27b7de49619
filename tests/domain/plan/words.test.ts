import { MONDAY_9 } from "../../support/act.ts";
import { aContact, aTechnician } from "../../support/factories.ts";
import { agent, makePipeline, testPipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { shownVisits } from "./planning.ts";

it("an agent plans, skips and changes visits in plain language", async () => {
  const { test } = await testPipeline();
  const pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
  await aTechnician(test.db);
  const { id: customer_id } = await aContact(test.db);
  const made = await pipeline.ask(agent, "plan.create", {
    ...{ customer_id, rule: "every other Wednesday", time: "half past two" },
    ...{ first_day: "tomorrow", ends_on: "December 31" },
  });
  const { id } = made.result as { id: string }; // plan.create answers the plan.
  expect(made.outcome).toBe(
    "The plan (every other Wednesday at 2:30 PM) is active. Next: Wednesday, November 25, 2026 at 2:30 PM. 3 visits ahead.",
  );
  await pipeline.ask(agent, "plan.skip", { id, date: "December 9" });
  await pipeline.ask(agent, "plan.update", { id, time: "9am", from: "December 10" });
  expect(await shownVisits(test.db, id)).toEqual([
    "2026-11-25 14:30 scheduled",
    "2026-12-09 14:30 cancelled",
    "2026-12-23 09:00 scheduled",
  ]);
  await test.drop();
});

import { asQueued, MONDAY_9 } from "../../support/act.ts";
import { aContact, aTechnician } from "../../support/factories.ts";
import { makePipeline, owner, testPipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { fillPlans } from "../../../src/workers/plans.ts";
import { makePlan, shownVisits, visitsOf } from "./planning.ts";

it("changes, moves and fills of one plan at once wait for each other, and leave each date once", async () => {
  const { test } = await testPipeline();
  const pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
  for (const name of ["Ada", "Zoe"]) await aTechnician(test.db, { name });
  const parts = { db: test.db, registry: testRegistry, clock: { now: () => MONDAY_9 } };
  for (let round = 0; round < 3; round++) {
    const { id } = await makePlan(test.db, { time: `1${round}:00` });
    const [first, second, third] = await visitsOf(test.db, id);
    const ask = (action: string, data: object) => asQueued(() => pipeline.ask(owner, action, data));
    const done = await Promise.all([
      ask("plan.update", { id, time: "14:30" }),
      ask("ticket.reschedule", { id: first?.id, window_start: "2026-11-25T08:00" }),
      ask("ticket.reschedule", { id: third?.id, window_start: "2026-12-10T08:00" }),
      ask("plan.skip", { id, date: second?.plan_date }),
      asQueued(() => fillPlans.run(parts)),
    ]);
    expect(done.flatMap((job) => job?.status ?? [])).toEqual(Array(4).fill("completed"));
    const shown = await shownVisits(test.db, id);
    expect(shown.map((visit) => visit.slice(0, 10))).toEqual([
      "2026-11-24",
      "2026-12-01",
      "2026-12-08",
      "2026-12-15",
      "2026-12-22",
    ]);
    expect([shown[0], shown[2]]).toEqual(["2026-11-24 08:00 scheduled", "2026-12-08 08:00 scheduled"]);
    await ask("plan.end", { id });
  }
  await test.drop();
});

it("of two equal plans that are made at once, one is refused", async () => {
  const { test } = await testPipeline();
  const pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
  await aTechnician(test.db, { name: "Ada" });
  for (let round = 0; round < 5; round++) {
    const { id: customer_id } = await aContact(test.db);
    const plan = { customer_id, rule: "weekly", time: "9:00", first_day: "2026-11-24" };
    const make = () => asQueued(() => pipeline.ask(owner, "plan.create", plan));
    const done = await Promise.all([make(), make()]);
    expect(done.map((job) => job?.error?.code ?? "none").sort()).toEqual(["conflict", "none"]);
  }
  await test.drop();
});

import { fillPlan } from "../../../src/domain/plan/fill.ts";
import { act, MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { dumpRecords } from "../../support/dump-records.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { makePlan, shownVisits } from "./planning.ts";

/** A week later, when one more date lies within the horizon. */
const NEXT_MONDAY = new Date(MONDAY_9.getTime() + 7 * 24 * 3_600_000);

let test: TestDatabase;
let pipeline: Pipeline;
let technician_id: string;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db, { plan_horizon_days: 21 });
  technician_id = (await aTechnician(test.db)).id;
  pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
});

const undo = (job_id: string, actor = owner) => pipeline.ask(actor, "job.undo", { job_id });
const rebooked = (id: string) => shownVisits(test.db, id);

describe("undoing", () => {
  it.each([
    ["plan.skip", {}],
    ["plan.pause", {}],
    ["plan.end", {}],
    ["plan.update", { time: "14:00" }],
    ["plan.update", { rule: "every Thursday", notify_customer: false }],
  ])("%s restores the plan and its visits byte for byte", async (action, data) => {
    const { id } = await makePlan(test.db);
    const before = await dumpRecords(test.db);
    const done = await pipeline.ask(owner, action, { id, ...data });
    expect(await dumpRecords(test.db)).not.toEqual(before);
    expect(await undo(done.id)).toMatchObject({ status: "completed" });
    expect(await dumpRecords(test.db)).toEqual(before);
  });

  it("plan.create takes its visits away, judged as their cancellation", async () => {
    const customer_id = (await aContact(test.db)).id;
    const before = await dumpRecords(test.db);
    const asked = { customer_id, rule: "every weekday", time: "09:00", first_day: "2026-11-24" };
    const done = await pipeline.ask(agent, "plan.create", asked);
    expect(done).toMatchObject({ status: "completed", level: "unrestricted" });
    expect(await undo(done.id, agent)).toMatchObject({ status: "authorization_required" });
    expect(await undo(done.id)).toMatchObject({ status: "completed" });
    expect(await dumpRecords(test.db)).toEqual(before);
  });

  it("plan.pause is refused where somebody else has taken a visit's time since", async () => {
    const { id } = await makePlan(test.db);
    const done = await pipeline.ask(owner, "plan.pause", { id });
    const taken = { technician_id, status: "scheduled" as const };
    await aTicket(test.db, { ...taken, window_start: new Date("2026-12-01T15:00:00Z") });
    expect((await undo(done.id)).error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("takes up that time"),
    });
    expect(await rebooked(id)).toEqual([]);
  });

  it.each([
    ["plan.update", { time: "14:00" }],
    ["plan.update", { rule: "every Thursday" }],
  ])("%s is refused where the plan has got another visit since", async (action, data) => {
    const { id } = await makePlan(test.db);
    const done = await pipeline.ask(owner, action, { id, ...data });
    const { visits } = await act(test.db, fillPlan, { id }, NEXT_MONDAY);
    expect(visits).toBe(1);
    expect((await undo(done.id)).error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("was made for the plan"),
    });
  });

  it("plan.skip works also where the plan has got another visit since", async () => {
    const { id } = await makePlan(test.db);
    const before = await rebooked(id);
    const done = await pipeline.ask(owner, "plan.skip", { id, date: "2026-12-08" });
    await act(test.db, fillPlan, { id }, NEXT_MONDAY);
    expect(await undo(done.id)).toMatchObject({ status: "completed" });
    expect(await rebooked(id)).toEqual([...before, "2026-12-15 09:00 scheduled"]);
  });
});

import { fillPlan } from "../../../src/domain/plan/fill.ts";
import { Plan } from "../../../src/entities/plan.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { act, MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aTechnician, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { makePlan, shownVisits, visitsOf } from "./planning.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db, { plan_horizon_days: 21 });
  await aTechnician(test.db);
  pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
});

const ask = (action: string, data: object, rest?: object) => pipeline.ask(agent, action, data, rest);
const stored = (id: string) => test.db.getRepository(Plan).findOneByOrFail({ id });
/** Every Tuesday: November 24, December 1 and 8. */
const weekly = async (asked: object = {}) => (await makePlan(test.db, asked)).id;
const daily = () => weekly({ rule: "every weekday" });
const shown = (id: string) => shownVisits(test.db, id);

describe("plan.skip", () => {
  it("cancels the next visit, which does not come back, and books what is missing", async () => {
    const id = await weekly();
    const done = await ask("plan.skip", { id, reason: "They are away." });
    expect(done).toMatchObject({ status: "completed", level: "soft_limit" });
    expect(await shown(id)).toEqual([
      "2026-11-24 09:00 cancelled",
      "2026-12-01 09:00 scheduled",
      "2026-12-08 09:00 scheduled",
    ]);
    const [skipped] = await visitsOf(test.db, id);
    expect(skipped?.cancel_reason).toBe("They are away.");
    expect(await act(test.db, fillPlan, { id })).toEqual({ id, booked: 0, visits: 0 });
    expect((await shown(id)).filter((visit) => visit.startsWith("2026-11-24"))).toHaveLength(1);
    expect((await stored(id)).exceptions).toEqual(["2026-11-24"]);
  });

  it("takes a date beyond the horizon, and the day to which a visit was moved", async () => {
    const id = await weekly();
    await ask("plan.skip", { id, date: "2026-12-29" });
    const [, second] = await visitsOf(test.db, id);
    await ask("ticket.reschedule", { id: second?.id, window_start: "2026-12-03T10:00" });
    await ask("plan.skip", { id, date: "2026-12-03" });
    expect((await stored(id)).exceptions).toEqual(["2026-12-01", "2026-12-29"]);
    expect((await shown(id))[1]).toBe("2026-12-01 10:00 cancelled");
  });

  it("books the one after where the only visit ahead is skipped", async () => {
    const id = await weekly({ rule: "quarterly", first_day: "2026-12-01" });
    await ask("plan.skip", { id });
    expect(await shown(id)).toEqual(["2026-12-01 09:00 cancelled", "2027-03-01 09:00 scheduled"]);
  });

  it("is not needed where somebody cancels the visit: it stays cancelled, and the one after is booked", async () => {
    const id = await weekly({ rule: "quarterly", first_day: "2026-12-01" });
    const [only] = await visitsOf(test.db, id);
    await ask("ticket.cancel", { id: only?.id });
    expect(await act(test.db, fillPlan, { id })).toEqual({ id, booked: 0, visits: 1 });
    expect(await shown(id)).toEqual(["2026-12-01 09:00 cancelled", "2027-03-01 09:00 scheduled"]);
  });

  it("refuses a day that is no date of the plan, with the nearest, and one that is skipped", async () => {
    const id = await weekly();
    const wrong = await ask("plan.skip", { id, date: "2026-12-02" });
    expect(wrong).toMatchObject({
      status: "failed",
      error: {
        fields: [{ path: "data.date", message: expect.stringContaining("no date of this plan") }],
        hint: "Nearest: 2026-11-24, 2026-12-01, 2026-12-08.",
      },
    });
    await ask("plan.skip", { id });
    expect((await ask("plan.skip", { id, date: "2026-11-24" })).error?.message).toContain("skipped already");
  });

  it("needs reasoning, and leaves a visit alone that has begun", async () => {
    const id = await weekly();
    expect(await ask("plan.skip", { id }, {})).toMatchObject({ error: { code: "reasoning_required" } });
    const [first] = await visitsOf(test.db, id);
    await ask("ticket.start", { id: first?.id });
    expect((await ask("plan.skip", { id, date: "2026-11-24" })).error).toMatchObject({
      code: "invalid_state",
    });
  });
});

describe("plan.pause", () => {
  it("cancels the visits ahead, and plan.resume books the same dates again, without the skipped one", async () => {
    const id = await weekly();
    await ask("plan.skip", { id, date: "2026-12-01" });
    const paused = await ask("plan.pause", { id, reason: "Abroad" });
    expect(paused).toMatchObject({ status: "completed", level: "soft_limit" });
    expect(await stored(id)).toMatchObject({ state: "paused", state_reason: "Abroad" });
    expect(await shown(id)).toEqual(["2026-12-01 09:00 cancelled"]);
    expect((await visitsOf(test.db, id)).map(({ status }) => status)).toEqual(Array(3).fill("cancelled"));
    expect(await act(test.db, fillPlan, { id })).toEqual({ id, booked: 0, visits: 0 });

    expect(await ask("plan.resume", { id })).toMatchObject({ status: "completed", level: "unrestricted" });
    expect(await shown(id)).toEqual([
      "2026-11-24 09:00 scheduled",
      "2026-12-01 09:00 cancelled",
      "2026-12-08 09:00 scheduled",
    ]);
  });

  it("needs a person where many visits go, and cancels none before", async () => {
    const id = await daily();
    const before = await shown(id);
    const parked = await ask("plan.pause", { id });
    expect(parked).toMatchObject({ status: "authorization_required" });
    expect(await pipeline.question(parked)).toMatchObject({
      reason: expect.stringContaining(`${before.length + 1} records at once, more than 5`),
      destructive: true,
    });
    expect(await shown(id)).toEqual(before);
    await pipeline.answer(parked);
    expect(await shown(id)).toEqual([]);
  });

  it("counts its visits in the window of what agents remove", async () => {
    await ask("plan.pause", { id: await weekly() });
    const second = await ask("plan.pause", { id: await weekly({ time: "11:00" }) });
    expect(second).toMatchObject({ status: "authorization_required" });
    expect((await pipeline.question(second)).reason).toContain("6 records removed by agents");
  });

  it("is refused for a plan that is paused, and resuming for one that is not", async () => {
    const id = await weekly();
    expect((await ask("plan.resume", { id })).error).toMatchObject({
      code: "invalid_state",
      hint: "From active it can: pause (paused), end (ended).",
    });
    await ask("plan.pause", { id });
    expect((await ask("plan.pause", { id })).error).toMatchObject({ code: "invalid_state" });
  });
});

describe("plan.end", () => {
  it("cancels the visits ahead for good, but not one that has begun", async () => {
    const id = await weekly();
    const [first] = await visitsOf(test.db, id);
    await ask("ticket.start", { id: first?.id });
    expect(await ask("plan.end", { id, reason: "Moved away" })).toMatchObject({
      ...{ status: "completed", level: "soft_limit" },
      outcome: "The plan (every Tuesday at 9:00 AM) is ended. No visits ahead.",
    });
    const statuses = (await visitsOf(test.db, id)).map(({ status }) => status);
    expect(statuses).toEqual(["in_progress", "cancelled", "cancelled"]);
    for (const action of ["plan.skip", "plan.pause", "plan.resume", "plan.end"])
      expect((await ask(action, { id })).error).toMatchObject({ code: "invalid_state" });
    expect((await ask("plan.update", { id, time: "10:00" })).error).toMatchObject({
      message: "A plan that is ended cannot be changed.",
    });
  });
});

describe("a plan's customer", () => {
  it("who is merged into another one takes the plan along", async () => {
    const id = await weekly();
    const other = await weekly();
    const [{ customer_id: from }, { customer_id: to }] = [await stored(id), await stored(other)];
    await ask("contact.merge", { id: from, into_id: to });
    expect((await stored(id)).customer_id).toBe(to);
  });

  it("who is deleted takes the plan along, which an undo brings back with its visits", async () => {
    const id = await weekly();
    const { customer_id } = await stored(id);
    const before = await shown(id);
    const done = await pipeline.ask(owner, "contact.delete", { id: customer_id });
    expect(await test.db.getRepository(Ticket).countBy({ plan_id: id })).toBe(0);
    await pipeline.ask(owner, "job.undo", { job_id: done.id });
    expect(await shown(id)).toEqual(before);
  });

  it("who is archived gets no more visits, and their plan can be ended", async () => {
    const id = await weekly();
    await ask("contact.archive", { id: (await stored(id)).customer_id });
    await ask("plan.skip", { id });
    expect((await ask("plan.update", { id, time: "10:00" })).error?.message).toContain("archived");
    expect(await ask("plan.end", { id })).toMatchObject({ status: "completed" });
  });
});

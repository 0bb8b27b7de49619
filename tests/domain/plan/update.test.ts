import { LineItem } from "../../../src/entities/line-item.ts";
import { Message } from "../../../src/entities/message.ts";
import { Plan } from "../../../src/entities/plan.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aHoliday, aService } from "../../support/definitions.ts";
import { aContact, anAddress, aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { makePlan, shownVisits, visitsOf } from "./planning.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let customer_id: string;
let technician_id: string;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db, { plan_horizon_days: 21 });
  customer_id = (await aContact(test.db, { emails: ["maria@example.com"] })).id;
  technician_id = (await aTechnician(test.db, { name: "Ada" })).id;
  const channels = new Set(["email"] as const);
  pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9, channels });
});

const ask = (action: string, data: object, rest?: object) => pipeline.ask(agent, action, data, rest);
const change = (id: string, data: object, rest?: object) => ask("plan.update", { id, ...data }, rest);
const stored = (id: string) => test.db.getRepository(Plan).findOneByOrFail({ id });
const messages = (to = customer_id) =>
  test.db.getRepository(Message).find({ where: { customer_id: to }, order: { id: "ASC" } });
/** Every Tuesday: November 24, December 1 and 8. */
const weekly = async (asked: object = {}) => (await makePlan(test.db, { customer_id, ...asked })).id;
const shown = (id: string) => shownVisits(test.db, id);

describe("plan.update", () => {
  it("moves the visits to the new time without reasoning, and tells the customer once", async () => {
    const id = await weekly();
    const before = await visitsOf(test.db, id);
    const done = await change(id, { time: "14:00" }, {});
    expect(done).toMatchObject({ status: "completed", level: "unrestricted" });
    expect(await shown(id)).toEqual([
      "2026-11-24 14:00 scheduled",
      "2026-12-01 14:00 scheduled",
      "2026-12-08 14:00 scheduled",
    ]);
    expect((await visitsOf(test.db, id)).map((visit) => visit.id)).toEqual(before.map((visit) => visit.id));
    expect(await stored(id)).toMatchObject({ local_time: "14:00", repeats: "every Tuesday at 2:00 PM" });
    const [message, ...others] = await messages();
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      ...{ to: "maria@example.com", template: "plan_changed", about_id: before[0]?.id, status: "queued" },
      subject: "Your regular appointments have changed",
    });
    const links = before.map(({ visit_token }) => `/visit/${visit_token}`);
    expect(message?.body).toMatch(
      new RegExp(
        `Now: every Tuesday at 2:00 PM\n\nYour next appointments.*:\nTuesday, November 24, 2026 at 2:00 PM\n.*${links[0]}\nTuesday, December 1, 2026 at 2:00 PM\n.*${links[1]}\n`,
      ),
    );
  });

  it("makes earlier visits that were missing first, as the plan was", async () => {
    const id = await weekly();
    await theSettings(test.db, { plan_horizon_days: 35 });
    await change(id, { time: "14:00", from: "2026-12-20" });
    expect((await shown(id)).slice(-2)).toEqual(["2026-12-15 09:00 scheduled", "2026-12-22 14:00 scheduled"]);
  });

  it("leaves earlier visits as they are", async () => {
    const id = await weekly();
    await change(id, { time: "14:00", from: "2026-12-02" });
    expect(await shown(id)).toEqual([
      "2026-11-24 09:00 scheduled",
      "2026-12-01 09:00 scheduled",
      "2026-12-08 14:00 scheduled",
    ]);
    // A second change still knows the earlier visits as its own, although they begin at another time than the plan says.
    await change(id, { time: "10:00" });
    expect(await shown(id)).toEqual([
      "2026-11-24 10:00 scheduled",
      "2026-12-01 10:00 scheduled",
      "2026-12-08 10:00 scheduled",
    ]);
  });

  it("leaves a moved visit where it is and a skipped one away, whatever the new rule", async () => {
    const id = await weekly();
    const [, second] = await visitsOf(test.db, id);
    const moved = await ask("ticket.reschedule", { id: second?.id, window_start: "2026-12-03T10:30" });
    await ask("plan.skip", { id, date: "2026-12-08" });
    await change(id, { time: "14:00" });
    await change(id, { technician_id, duration_minutes: 90 });
    expect(await shown(id)).toEqual([
      "2026-11-24 14:00 scheduled",
      "2026-12-01 10:30 scheduled",
      "2026-12-08 09:00 cancelled",
    ]);
    await change(id, { rule: "every Wednesday" });
    expect(await shown(id)).toEqual([
      "2026-11-25 14:00 scheduled",
      "2026-12-01 10:30 scheduled",
      "2026-12-02 14:00 scheduled",
      "2026-12-08 09:00 cancelled",
      "2026-12-09 14:00 scheduled",
    ]);
    expect(moved).toMatchObject({ status: "completed" });
  });

  it("cancels the dates that the new rule does not have, judged as cancellations, and makes its own", async () => {
    const id = await weekly();
    expect(await change(id, { rule: "every Thursday" }, {})).toMatchObject({
      error: { code: "reasoning_required" },
    });
    const done = await change(id, { rule: "every Thursday" });
    expect(done).toMatchObject({ status: "completed", level: "soft_limit" });
    expect(done.hits).toHaveLength(3);
    expect(await shown(id)).toEqual([
      "2026-11-26 09:00 scheduled",
      "2026-12-03 09:00 scheduled",
      "2026-12-10 09:00 scheduled",
    ]);
    expect(await stored(id)).toMatchObject({ first_day: "2026-11-24", rule: "FREQ=WEEKLY;BYDAY=TH" });
    const gone = (await visitsOf(test.db, id)).filter(({ status }) => status === "cancelled");
    expect(gone.map(({ cancel_reason }) => cancel_reason)).toEqual(Array(3).fill("The plan changed."));
  });

  it("needs a person where the change cancels many", async () => {
    const id = await weekly({ rule: "every weekday" });
    const before = await shown(id);
    expect(await change(id, { ends_on: "2026-11-25" })).toMatchObject({ status: "authorization_required" });
    expect(await shown(id)).toEqual(before);
  });

  it("keeps the dates that the new rule has too", async () => {
    const id = await weekly();
    const before = await visitsOf(test.db, id);
    await change(id, { rule: "every other Tuesday" });
    expect(await shown(id)).toEqual(["2026-11-24 09:00 scheduled", "2026-12-08 09:00 scheduled"]);
    const after = (await visitsOf(test.db, id)).filter(({ status }) => status === "scheduled");
    expect(after.map((visit) => visit.id)).toEqual([before[0]?.id, before[2]?.id]);
    await change(id, { rule: "weekly", ends_on: "2026-12-01" });
    expect(await shown(id)).toEqual(["2026-11-24 09:00 scheduled", "2026-12-01 09:00 scheduled"]);
  });

  it("makes a visit wait for a time where nobody can at the new one", async () => {
    const id = await weekly();
    const busy = { technician_id, status: "scheduled" as const };
    await aTicket(test.db, { ...busy, window_start: new Date("2026-12-01T20:30:00Z") });
    const done = await change(id, { time: "14:00" });
    expect(await shown(id)).toEqual([
      "2026-11-24 14:00 scheduled",
      "2026-12-01 - unscheduled",
      "2026-12-08 14:00 scheduled",
    ]);
    expect(done.outcome).toContain("3 visits ahead, 1 without a time.");
    // Later, another change finds it a time.
    await change(id, { time: "11:00" });
    expect((await shown(id))[1]).toBe("2026-12-01 11:00 scheduled");
    const found = (await visitsOf(test.db, id)).find(({ plan_date }) => plan_date === "2026-12-01");
    expect(found?.needs_time_reason).toBeNull();
  });

  it("replaces services, address, notes and technician on each visit to come", async () => {
    await aService(test.db, { name: "Gutters", duration_minutes: 120, required_skill: "ladder" });
    const id = await weekly({ line_items: [{ description: "Windows", unit_price_cents: 5_000 }] });
    const { id: skilled } = await aTechnician(test.db, { name: "Zoe", skills: ["ladder"] });
    const { id: address_id } = await anAddress(test.db, { contact_id: customer_id });
    await change(id, { services: ["Gutters"], address_id, notes: "Ring twice." });
    for (const visit of await visitsOf(test.db, id)) {
      const notes = "Ring twice.";
      expect(visit).toMatchObject({ technician_id: skilled, duration_minutes: 120, address_id, notes });
      const lines = await test.db.manager.findBy(LineItem, { ticket_id: visit.id });
      expect(lines.map(({ description }) => description)).toEqual(["Gutters"]);
    }
    const { id: third } = await aTechnician(test.db, { name: "Zack", skills: ["ladder"] });
    await change(id, { technician_id: third });
    const sent = (await visitsOf(test.db, id)).map((visit) => visit.technician_id);
    expect(sent).toEqual([third, third, third]);
  });

  it("writes nothing for notes alone, on request, or to one who cannot be written to", async () => {
    const id = await weekly();
    await change(id, { notes: "The dog is friendly." });
    await change(id, { time: "10:00", notify_customer: false });
    expect(await messages()).toEqual([]);
    const { id: mute } = await aContact(test.db);
    const silent = await weekly({ customer_id: mute, time: "15:00" });
    const done = await change(silent, { time: "16:00" });
    expect(done.result).toMatchObject({ message: { status: "none" }, local_time: "16:00" });
    expect(done.outcome).toContain("No message was written.");
    expect(await messages(mute)).toEqual([]);
  });

  it("changes only the plan while it is paused", async () => {
    const id = await weekly();
    await ask("plan.pause", { id });
    await change(id, { time: "10:00" });
    expect(await shown(id)).toEqual([]);
    expect(await messages()).toEqual([]);
    await ask("plan.resume", { id });
    expect((await shown(id))[0]).toBe("2026-11-24 10:00 scheduled");
  });

  it.each([
    ["nothing to change", {}, "changes nothing"],
    ["a day that is over", { time: "10:00", from: "2026-11-20" }, "is in the past; today is 2026-11-23"],
    ["a day beyond the horizon", { time: "10:00", from: "2027-03-01" }, "later than 2026-12-14"],
    ["an old version", { time: "10:00", version: 7 }, "at version 1 now"],
  ])("refuses %s", async (_, data, message) => {
    const id = await weekly();
    const { error } = await change(id, data).catch((refused: { body: object }) => ({ error: refused.body }));
    expect(JSON.stringify(error)).toContain(message);
  });

  it("books no holiday that was entered since", async () => {
    const id = await weekly();
    await aHoliday(test.db, { date: "2026-12-01" });
    await change(id, { time: "14:00" });
    expect((await shown(id))[1]).toBe("2026-12-01 - unscheduled");
  });
});

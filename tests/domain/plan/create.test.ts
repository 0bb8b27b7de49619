import { createPlan } from "../../../src/domain/plan/create.ts";
import { LineItem } from "../../../src/entities/line-item.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aHoliday, aService } from "../../support/definitions.ts";
import {
  aContact,
  anAddress,
  aTechnician,
  aTicket,
  theSettings,
  WEEKDAYS_8_TO_17,
} from "../../support/factories.ts";
import { makePlan, shownVisits, visitsOf } from "./planning.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db, { plan_horizon_days: 35 });
});

const TUESDAYS = ["2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"];

describe("plan.create", () => {
  it("books the visits of the next 35 days with the technician wished, at the same local time", async () => {
    await aTechnician(test.db, { name: "Ada" });
    const { id: technician_id } = await aTechnician(test.db, { name: "Zoe" });
    const customer = await aContact(test.db);
    const { id: address_id } = await anAddress(test.db, { contact_id: customer.id });
    const service = await aService(test.db, {
      name: "Gutters",
      unit_price_cents: 9_000,
      duration_minutes: 90,
    });
    const plan = await makePlan(test.db, {
      ...{ customer_id: customer.id, address_id, technician_id, notes: "Ring twice." },
      ...{
        services: ["gutters"],
        line_items: [{ description: "Screens", unit_price_cents: 500, quantity: 2 }],
      },
    });
    expect(plan).toMatchObject({
      ...{ state: "active", rule: "FREQ=WEEKLY;BYDAY=TU", repeats: "every Tuesday at 9:00 AM" },
      ...{ first_day: "2026-11-24", duration_minutes: 90, ends_on: null, visits_total: 5 },
    });
    expect(plan.next_visit_local).toBe("Tue 2026-11-24 09:00 America/Chicago");
    expect(plan.visits[0]).toMatchObject({
      ...{ plan_date: "2026-11-24", technician: "Zoe", local: "Tuesday, November 24, 2026 at 9:00 AM" },
    });
    expect(await shownVisits(test.db, plan.id)).toEqual(TUESDAYS.map((date) => `${date} 09:00 scheduled`));
    const [visit] = await visitsOf(test.db, plan.id);
    expect(visit).toMatchObject({ address_id, technician_id, notes: "Ring twice.", duration_minutes: 90 });
    const lines = await test.db.manager.findBy(LineItem, { ticket_id: visit?.id ?? "" });
    expect(
      lines.map(({ description, service_id, total_cents }) => [description, service_id, total_cents]),
    ).toEqual([
      ["Gutters", service.id, 9_000],
      ["Screens", null, 1_000],
    ]);
  });

  it("sends somebody else who fits where the technician wished is busy, at the same time", async () => {
    const { id: wished } = await aTechnician(test.db, { name: "Zoe" });
    const { id: other } = await aTechnician(test.db, { name: "Ada", skills: ["ladder"] });
    await aTechnician(test.db, { name: "Aaron" });
    await aService(test.db, { name: "Gutters", required_skill: "ladder" });
    await aTechnician(test.db, { name: "Abe", skills: ["Ladder"], active: false });
    const { id: zoe } = await aTechnician(test.db, { name: "Zora", skills: ["ladder"] });
    await aTicket(test.db, {
      technician_id: zoe,
      status: "scheduled",
      window_start: new Date("2026-12-01T15:00Z"),
    });
    const plan = await makePlan(test.db, { technician_id: zoe, services: ["Gutters"] });
    const visits = await visitsOf(test.db, plan.id);
    expect(visits.map(({ technician_id }) => technician_id)).toEqual([zoe, other, zoe, zoe, zoe]);
    expect(visits.map(({ technician_id }) => technician_id)).not.toContain(wished);
    expect(plan).not.toHaveProperty("hints");
  });

  it("makes the visit unscheduled with the reason on a holiday, and where nobody is free", async () => {
    const { id } = await aTechnician(test.db, { name: "Ada" });
    await aHoliday(test.db, { date: "2026-12-08", name: "Founders' Day" });
    await aTicket(test.db, {
      technician_id: id,
      status: "scheduled",
      window_start: new Date("2026-12-15T15:30Z"),
    });
    const plan = await makePlan(test.db);
    expect(await shownVisits(test.db, plan.id)).toEqual([
      ...["2026-11-24 09:00 scheduled", "2026-12-01 09:00 scheduled", "2026-12-08 - unscheduled"],
      ...["2026-12-15 - unscheduled", "2026-12-22 09:00 scheduled"],
    ]);
    const [, , closed, taken] = plan.visits;
    expect(closed).toMatchObject({
      ...{ technician: null, local: "Tuesday, December 8, 2026 at 9:00 AM" },
      needs_time_reason: "The business is closed on Tuesday, December 8, 2026 (Founders' Day).",
    });
    expect(taken?.needs_time_reason).toContain("That slot is taken: Ada is busy");
    expect(plan.hints).toEqual([
      "2 visits need a time: see needs_time_reason, then book with ticket.schedule.",
    ]);
  });

  it("says who lacks what where nobody has the skill, or nobody works at all", async () => {
    await aService(test.db, { name: "Gutters", required_skill: "ladder" });
    const nobody = await makePlan(test.db, { services: ["Gutters"] });
    expect(nobody.visits[0]?.needs_time_reason).toBe("there are no active technicians");
    await aTechnician(test.db, { name: "Ada" });
    const unskilled = await makePlan(test.db, { services: ["Gutters"] });
    expect(unskilled.visits[0]?.needs_time_reason).toBe("nobody has the skills: ladder (for Gutters)");
  });

  it("books at least the next visit, however far it is", async () => {
    await aTechnician(test.db);
    const quarterly = await makePlan(test.db, { rule: "quarterly", first_day: "2027-02-02" });
    expect(await shownVisits(test.db, quarterly.id)).toEqual(["2027-02-02 09:00 scheduled"]);
    const yearly = await makePlan(test.db, { rule: "every year on May 4", time: "10:00" });
    expect(await shownVisits(test.db, yearly.id)).toEqual(["2027-05-04 10:00 scheduled"]);
  });

  it("leaves out a time that is over today, and days after the end", async () => {
    await aTechnician(test.db);
    const plan = await makePlan(test.db, {
      ...{ rule: "daily", time: "08:30", first_day: "2026-11-23", ends_on: "2026-11-25" },
    });
    expect(await shownVisits(test.db, plan.id)).toEqual([
      ...["2026-11-24 08:30 scheduled", "2026-11-25 08:30 scheduled"],
    ]);
  });

  it("follows the setting plan_horizon_days", async () => {
    await theSettings(test.db, { plan_horizon_days: 8 });
    await aTechnician(test.db);
    const plan = await makePlan(test.db);
    expect(await shownVisits(test.db, plan.id)).toEqual([
      ...["2026-11-24 09:00 scheduled", "2026-12-01 09:00 scheduled"],
    ]);
  });

  it("keeps the local time over both daylight changes, also inside the hour that is skipped", async () => {
    await theSettings(test.db, { plan_horizon_days: 180 });
    const sunday = ["00:00", "23:59"] as const;
    await aTechnician(test.db, { working_hours: { ...WEEKDAYS_8_TO_17, sunday: [...sunday] } });
    const february = new Date("2027-02-22T15:00:00Z");
    const asked = { rule: "every Sunday", time: "02:30", first_day: "2027-03-01" };
    const spring = await makePlan(test.db, asked, february);
    expect((await shownVisits(test.db, spring.id)).slice(0, 3)).toEqual([
      ...["2027-03-07 02:30 scheduled", "2027-03-14 03:30 scheduled", "2027-03-21 02:30 scheduled"],
    ]);
    const autumn = await makePlan(
      test.db,
      { ...asked, time: "01:30", first_day: "2027-10-25" },
      new Date("2027-10-20T15:00:00Z"),
    );
    expect((await shownVisits(test.db, autumn.id)).slice(0, 3)).toEqual([
      ...["2027-10-31 01:30 scheduled", "2027-11-07 01:30 scheduled", "2027-11-14 01:30 scheduled"],
    ]);
    const instants = (await visitsOf(test.db, autumn.id)).map(({ window_start }) =>
      window_start?.toISOString(),
    );
    expect(instants.slice(0, 3)).toEqual([
      ...["2027-10-31T06:30:00.000Z", "2027-11-07T06:30:00.000Z", "2027-11-14T07:30:00.000Z"],
    ]);
  });

  it("answers the 31st with a hint at the last day of the month", async () => {
    await aTechnician(test.db);
    const plan = await makePlan(test.db, { rule: "on the 31st of every month" });
    expect(plan.hints).toEqual([expect.stringContaining("BYMONTHDAY=-1")]);
  });

  it.each([
    ["a first day that is over", { first_day: "2026-11-20" }, "data.first_day", "today is 2026-11-23"],
    ["a first day years ahead", { first_day: "2036-11-20" }, "data.first_day", "check the year"],
    ["a rule that it does not know", { rule: "now and then" }, "data.rule", "is not understood"],
    ["an end before the first visit", { ends_on: "2026-11-23" }, "data.rule", "has no date"],
    ["a service that is not offered", { services: ["Piano"] }, "data.services.0", "no service is called"],
    ["a range as its time", { time: "09:00-11:00" }, "data.time", "must be one time of day"],
  ])("refuses %s", async (_, asked, path, message) => {
    const body = await refusal(makePlan(test.db, asked));
    expect(body).toMatchObject({ code: "validation_failed", fields: [{ path }] });
    expect(body.fields[0]?.message).toContain(message);
  });

  it("refuses an archived customer, another's address, and a technician without the skill", async () => {
    const archived = await aContact(test.db, { archived_at: MONDAY_9 });
    expect(await refusal(makePlan(test.db, { customer_id: archived.id }))).toMatchObject({
      code: "invalid_state",
    });
    const { id: address_id } = await anAddress(test.db);
    expect(await refusal(makePlan(test.db, { address_id }))).toMatchObject({
      fields: [{ path: "data.address_id" }],
    });
    await aService(test.db, { name: "Gutters", required_skill: "ladder" });
    const { id: technician_id } = await aTechnician(test.db);
    expect(await refusal(makePlan(test.db, { services: ["Gutters"], technician_id }))).toMatchObject({
      fields: [{ path: "data.technician_id" }],
    });
  });

  it("reads its example", async () => {
    const { id } = await aContact(test.db);
    const made = await act(test.db, createPlan, { ...createPlan.example, customer_id: id });
    expect(made).toMatchObject({ repeats: "every other Tuesday at 9:00 AM", visits_total: 2 });
  });
});

import { newId } from "../../../src/domain/core/ids.ts";
import { createTicket } from "../../../src/domain/ticket/create.ts";
import { scheduleTicket } from "../../../src/domain/ticket/schedule.ts";
import { rows } from "../../../src/database/sql.ts";
import { TICKET_STATUSES } from "../../../src/entities/ticket.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, aTicket, theSettings, WEEKDAYS_8_TO_17 } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
});

const schedule = (data: { id: string; window_start: string; [more: string]: unknown }, now = MONDAY_9) =>
  act(test.db, scheduleTicket, data, now);
const instant = (value: unknown) => new Date(String(value)).toISOString();
const anUnscheduledVisit = async (values: Parameters<typeof aTicket>[1] = {}) =>
  (await aTicket(test.db, values)).id;

describe("ticket.schedule", () => {
  it("books the only technician at local time for the visit's duration", async () => {
    const technician = await aTechnician(test.db);
    await aTechnician(test.db, { active: false });
    const ticket = await schedule({
      id: await anUnscheduledVisit({ duration_minutes: 90 }),
      window_start: "2026-11-23T15:30",
    });
    expect(ticket).toMatchObject({
      status: "scheduled",
      technician_id: technician.id,
      duration_minutes: 90,
      version: 2,
    });
    expect(instant(ticket["window_start"])).toBe("2026-11-23T21:30:00.000Z");
    expect(instant(ticket["window_end"])).toBe("2026-11-23T23:00:00.000Z");
  });

  it("accepts a duration or an end, but not both", async () => {
    await aTechnician(test.db);
    const window_start = "2026-11-23T15:30";
    const shorter = await schedule({ id: await anUnscheduledVisit(), window_start, duration_minutes: 30 });
    expect(instant(shorter["window_end"])).toBe("2026-11-23T22:00:00.000Z");
    const ended = await schedule({
      id: await anUnscheduledVisit(),
      window_start: "2026-11-23T16:00",
      window_end: "2026-11-23T16:45",
    });
    expect(ended).toMatchObject({ duration_minutes: 45 });
    const both = {
      id: await anUnscheduledVisit(),
      window_start,
      window_end: "2026-11-23T16:30",
      duration_minutes: 60,
    };
    expect((await refusal(schedule(both))).fields).toMatchObject([{ path: "data.window_end" }]);
  });

  it("keeps the travel buffer free after the visit", async () => {
    await theSettings(test.db, { travel_buffer_minutes: 30 });
    await aTechnician(test.db);
    await schedule({ id: await anUnscheduledVisit(), window_start: "2026-11-23T10:00" });
    expect(
      await refusal(schedule({ id: await anUnscheduledVisit(), window_start: "2026-11-23T11:00" })),
    ).toMatchObject({
      code: "conflict",
    });
    expect(
      await schedule({ id: await anUnscheduledVisit(), window_start: "2026-11-23T11:30" }),
    ).toMatchObject({
      status: "scheduled",
    });
  });

  it("returns free starts within working hours when the slot is taken, on later days when the day is full", async () => {
    const technician = await aTechnician(test.db, { time_off: [{ from: "2026-11-24", to: "2026-11-24" }] });
    await schedule({
      id: await anUnscheduledVisit({ duration_minutes: 90 }),
      window_start: "2026-11-23T14:00",
    });
    const error = await refusal(
      schedule({ id: await anUnscheduledVisit(), window_start: "2026-11-23T15:00" }),
    );
    expect(error).toMatchObject({ code: "conflict", message: expect.stringContaining("Dana Reed") });
    expect(error["alternatives"]).toMatchObject([
      {
        window_start: "2026-11-23T21:30:00.000Z",
        window_end: "2026-11-23T22:30:00.000Z",
        technician_id: technician.id,
      },
      { local: "Monday, November 23, 2026 at 4:00 PM" },
      { local: "Wednesday, November 25, 2026 at 8:00 AM", timezone: "America/Chicago" },
    ]);
    const [first] = error["alternatives"] as { window_start: string }[];
    const second = await schedule({
      id: await anUnscheduledVisit(),
      window_start: first?.window_start ?? "",
    });
    expect(second).toMatchObject({ status: "scheduled" });
  });

  it("returns no alternatives when nobody works", async () => {
    const off = Object.fromEntries(Object.keys(WEEKDAYS_8_TO_17).map((day) => [day, null]));
    await aTechnician(test.db, { working_hours: { ...WEEKDAYS_8_TO_17, ...off } });
    const error = await refusal(
      schedule({ id: await anUnscheduledVisit(), window_start: "2026-11-23T14:00" }),
    );
    expect(error).toMatchObject({
      code: "conflict",
      message: "Dana Reed does not work on Mondays.",
      alternatives: [],
      hint: expect.stringContaining("later date"),
    });
  });

  it("rejects a time in the past and suggests the same time of day in the future", async () => {
    await aTechnician(test.db);
    const id = await anUnscheduledVisit();
    const yesterday = await refusal(schedule({ id, window_start: "2026-11-22T15:30" }));
    expect(yesterday).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.window_start", message: expect.stringContaining("Sunday, November 22") }],
      hint: expect.stringContaining("2026-11-23T15:30."),
    });
    const earlier = await refusal(schedule({ id, window_start: "2026-11-23T08:00" }));
    expect(earlier.hint).toContain("2026-11-24T08:00.");
  });

  it.each([
    [{ window_start: "2036-11-23T10:00" }, "window_start"],
    [{ window_start: "9999-12-31T23:59-06:00" }, "window_start"],
    [{ window_start: "2026-11-24T10:00", window_end: "2026-11-24T10:00" }, "window_end"],
    [{ window_start: "2026-11-24T10:00", window_end: "2026-11-26T10:00" }, "window_end"],
    [{ window_start: "next Monday" }, "window_start"],
  ])("refuses %j", async (window, field) => {
    await aTechnician(test.db);
    const error = await refusal(schedule({ id: await anUnscheduledVisit(), ...window }));
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: `data.${field}` }] });
  });

  it("books the named technician, otherwise the visit's own", async () => {
    const [ana, bo] = [await aTechnician(test.db), await aTechnician(test.db)];
    const window_start = "2026-11-23T15:30";
    const own = await schedule({ id: await anUnscheduledVisit({ technician_id: ana.id }), window_start });
    expect(own).toMatchObject({ technician_id: ana.id });
    const named = await schedule({
      id: await anUnscheduledVisit({ technician_id: ana.id }),
      window_start,
      technician_id: bo.id,
    });
    expect(named).toMatchObject({ technician_id: bo.id });
  });

  it("rejects an unknown or inactive technician", async () => {
    const gone = await aTechnician(test.db, { active: false });
    const wish = { id: await anUnscheduledVisit(), window_start: "2026-11-23T15:30" };
    expect((await refusal(schedule({ ...wish, technician_id: gone.id }))).code).toBe("validation_failed");
    expect((await refusal(schedule({ ...wish, technician_id: newId("technician") }))).code).toBe("not_found");
    expect(await refusal(schedule(wish))).toMatchObject({ hint: "A person must add a technician first." });
  });

  it.each(TICKET_STATUSES.filter((status) => status !== "unscheduled"))(
    "refuses a visit that is %s",
    async (status) => {
      const { id } = await aTicket(test.db, { status });
      const error = await refusal(schedule({ id, window_start: "2026-11-24T15:30" }));
      expect(error).toMatchObject({ code: "invalid_state", state: status });
      expect(/reschedule/.test(JSON.stringify(error))).toBe(status === "scheduled");
    },
  );

  it("books a slot for one of several concurrent requests, without a deadlock", async () => {
    const technician = await aTechnician(test.db);
    const { id: customer_id } = await aContact(test.db);
    const data = { customer_id, technician_id: technician.id, window_start: "2026-11-23T15:30" };
    const asked = Array.from({ length: 12 }, () => act(test.db, createTicket, data));
    const answers = await Promise.allSettled(asked);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(new Set(refused.map(({ reason }) => reason.code))).toEqual(new Set(["conflict"]));
    const booked = await rows(test.db.manager, "SELECT FROM ticket WHERE status = 'scheduled'");
    expect(booked).toHaveLength(1);
  });
});

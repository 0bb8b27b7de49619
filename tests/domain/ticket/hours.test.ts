import type { ErrorBody } from "../../../src/domain/core/errors.ts";
import { createHoliday } from "../../../src/domain/holiday/create.ts";
import { bookTimeOff } from "../../../src/domain/technician/time-off.ts";
import { updateTechnician } from "../../../src/domain/technician/update.ts";
import { scheduleTicket } from "../../../src/domain/ticket/schedule.ts";
import type { Technician, WorkingHours, LocalSpan } from "../../../src/entities/technician.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aTechnician, aTicket, theSettings } from "../../support/factories.ts";

const WITH_LUNCH: LocalSpan[] = [
  ["08:00", "12:00"],
  ["13:00", "17:00"],
];
const HOURS: WorkingHours = {
  monday: WITH_LUNCH,
  tuesday: WITH_LUNCH,
  wednesday: WITH_LUNCH,
  thursday: WITH_LUNCH,
  friday: WITH_LUNCH,
  saturday: null,
  sunday: null,
};

let test: TestDatabase;
let theo: Technician;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  theo = await aTechnician(test.db, { name: "Theo", working_hours: HOURS });
  await act(test.db, createHoliday, { date: "2026-11-26", name: "Thanksgiving" });
  await act(test.db, bookTimeOff, { id: theo.id, from: "2026-11-27" });
  await act(test.db, bookTimeOff, { id: theo.id, from: "2026-11-25", time: "14:00-16:00" });
});

/** Half an hour: as long as the step between starts, so that alternatives do not overlap. */
const aVisit = async () => (await aTicket(test.db, { duration_minutes: 30 })).id;
const book = async (
  window_start: string,
  more: { duration_minutes?: number; outside_hours?: boolean } = {},
) => act(test.db, scheduleTicket, { id: await aVisit(), window_start, ...more });
const offered = (error: ErrorBody) => error["alternatives"] as { window_start: string; local: string }[];

const ON_TUESDAYS = "Theo works 8:00 AM–12:00 PM and 1:00 PM–5:00 PM on Tuesdays.";
const YIELDING = [
  ["on a weekday without hours", "2026-11-29T10:00", "Theo does not work on Sundays."],
  ["before the hours", "2026-11-24T06:00", ON_TUESDAYS],
  ["into the lunch break", "2026-11-24T11:45", ON_TUESDAYS],
  ["past the end of the day", "2026-11-24T16:45", ON_TUESDAYS],
  [
    "on a holiday",
    "2026-11-26T10:00",
    "The business is closed on Thursday, November 26, 2026 (Thanksgiving).",
  ],
] as const;
const FIRM = [
  ["on a day off", "2026-11-27T10:00", "Theo is off on Friday, November 27, 2026."],
  [
    "into time off on a part of the day",
    "2026-11-25T13:45",
    "Theo is off on Wednesday, November 25, 2026 from 2:00 PM to 4:00 PM.",
  ],
] as const;

describe("a visit", () => {
  it.each([...YIELDING, ...FIRM])(
    "is refused %s with the reason and three times that can be booked",
    async (_case, window_start, message) => {
      const error = await refusal(book(window_start));
      expect(error).toMatchObject({ code: "conflict", message });
      expect(offered(error)).toHaveLength(3);
      for (const alternative of offered(error))
        expect(await book(alternative.window_start)).toMatchObject({
          status: "scheduled",
          outside_hours: false,
        });
    },
  );

  it.each(YIELDING)("is booked %s if the caller insists", async (_case, window_start) => {
    expect((await refusal(book(window_start))).hint).toContain("send outside_hours: true");
    expect(await book(window_start, { outside_hours: true })).toMatchObject({
      status: "scheduled",
      outside_hours: true,
    });
  });

  it.each(FIRM)("is refused %s even if the caller insists", async (_case, window_start, message) => {
    const error = await refusal(book(window_start, { outside_hours: true }));
    expect(error).toMatchObject({ code: "conflict", message });
    expect(error.hint).not.toContain("outside_hours");
  });

  it("is refused on another visit even if the caller insists", async () => {
    await book("2026-11-29T10:00", { outside_hours: true });
    const error = await refusal(book("2026-11-29T10:15", { outside_hours: true }));
    expect(error.message).toMatch(
      /^That slot is taken: Theo is busy from Sunday, November 29, .* \(visit #\d+\)\.$/,
    );
    expect(error.hint).not.toContain("outside_hours");
  });

  it("names what nobody can insist on before what yields", async () => {
    await act(test.db, bookTimeOff, { id: theo.id, from: "2026-11-29" });
    expect((await refusal(book("2026-11-29T10:00"))).message).toBe(
      "Theo is off on Sunday, November 29, 2026.",
    );
  });

  it("may end with the hours, although the travel after it goes on", async () => {
    await theSettings(test.db, { travel_buffer_minutes: 60 });
    expect(await book("2026-11-24T16:30")).toMatchObject({ outside_hours: false });
    expect(await book("2026-11-25T13:30")).toMatchObject({ outside_hours: false });
  });

  it("is not marked as outside hours where nobody had to insist", async () => {
    expect(await book("2026-11-24T10:00", { outside_hours: true })).toMatchObject({ outside_hours: false });
  });

  it("that is longer than any span of work says so, and is booked only if the caller insists", async () => {
    const long = { duration_minutes: 270 };
    const error = await refusal(book("2026-11-24T08:00", long));
    expect(error).toMatchObject({
      code: "conflict",
      message: "The visit takes 4 hours 30 minutes, but Theo works at most 4 hours at a stretch.",
      alternatives: [],
    });
    expect(await book("2026-11-24T08:00", { ...long, outside_hours: true })).toMatchObject({
      status: "scheduled",
      outside_hours: true,
    });
  });

  it("is offered no sooner than the shortest notice, but may be booked sooner", async () => {
    await theSettings(test.db, { min_notice_minutes: 24 * 60 + 15 });
    const error = await refusal(book("2026-11-23T12:15"));
    expect(offered(error).map(({ local }) => local)).toEqual([
      "Tuesday, November 24, 2026 at 9:30 AM",
      "Tuesday, November 24, 2026 at 10:00 AM",
      "Tuesday, November 24, 2026 at 10:30 AM",
    ]);
    expect(await book("2026-11-23T09:00")).toMatchObject({ status: "scheduled" });
  });
});

describe("hours on a day whose clock changes", () => {
  const MARCH_6 = new Date("2026-03-06T15:00:00Z");
  const sunday: LocalSpan[] = [["01:00", "04:00"]];
  const bookAt = async (window_start: string, now: Date) =>
    act(test.db, scheduleTicket, { id: await aVisit(), window_start, duration_minutes: 120 }, now);
  beforeEach(async () => {
    await act(test.db, updateTechnician, { id: theo.id, working_hours: { ...HOURS, sunday } });
  });

  it("are an hour shorter in spring", async () => {
    const error = await refusal(bookAt("2026-03-08T03:00", MARCH_6));
    expect(error.message).toBe("Theo works 1:00 AM–4:00 AM on Sundays.");
    expect(await bookAt("2026-03-08T01:00", MARCH_6)).toMatchObject({ outside_hours: false });
  });

  it("are an hour longer in autumn", async () => {
    const october = new Date("2026-10-30T15:00:00Z");
    expect(await bookAt("2026-11-01T01:00-05:00", october)).toMatchObject({ outside_hours: false });
    expect(await bookAt("2026-11-01T02:00-06:00", october)).toMatchObject({ outside_hours: false });
  });
});

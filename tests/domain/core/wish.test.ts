import { completeTime } from "../../../src/domain/core/local-times.ts";
import { DEFAULT_PARTS } from "../../../src/domain/core/when/index.ts";
import { isWish, wishInWords, wishOf } from "../../../src/domain/core/wish.ts";

const zone = "America/Chicago";
/** Thursday, January 15, 2026 at 10:00. */
const reference = { now: new Date("2026-01-15T16:00:00Z"), zone, country: "US", parts: DEFAULT_PARTS };
const complete = (text: string, beside?: string) =>
  completeTime({ text, kind: { takes: "wish", time: "requested_time" } }, reference, beside);

describe("a day with or without a time", () => {
  it.each([
    ["tomorrow", "2026-01-16", "Friday, January 16, 2026"],
    ["Friday morning", "2026-01-16 08:00-12:00", "Friday, January 16, 2026, between 8:00 AM and 12:00 PM"],
    ["tomorrow at 2", "2026-01-16 14:00", "Friday, January 16, 2026, 2:00 PM"],
    ["friday after 2", "2026-01-16 14:00-24:00", "Friday, January 16, 2026, after 2:00 PM"],
    ["Jan 20 before noon", "2026-01-20 00:00-12:00", "Tuesday, January 20, 2026, before 12:00 PM"],
    ["2026-01-16T14:00:00-06:00", "2026-01-16 14:00", "Friday, January 16, 2026, 2:00 PM"],
  ])("%s means %s", (text, value, words) => {
    expect(complete(text)).toEqual({ ok: true, value: { value, words } });
    expect(isWish(value)).toBe(true);
  });

  it.each([
    ["Thursday", "3pm", "2026-01-15"],
    ["Thursday", "9am", "2026-01-22"],
    ["Thursday", "14:00-24:00", "2026-01-15"],
    ["today", "afternoon", "2026-01-15"],
    ["tomorrow", "half past two", "2026-01-16"],
    ["tomorrow", "what?", "2026-01-16"],
  ])("%s with %s beside it is %s", (day, time, value) => {
    expect(complete(day, time)).toMatchObject({ ok: true, value: { value } });
  });

  it.each([
    ["today", "8am", "is past: 8 AM today is over", "2026-01-16T08:00"],
    ["yesterday", undefined, "is past: it means 2026-01-14, and today is 2026-01-15", "2026-01-15"],
  ])("%s with %s is refused with a later reading", (day, time, message, reading) => {
    expect(complete(day, time)).toMatchObject({
      fault: { message, readings: expect.arrayContaining([reading]) },
    });
  });
});

describe("a time of day", () => {
  it.each([
    ["9", "09:00"],
    ["9:00-11:00", "09:00-11:00"],
    ["between 1 and 3pm", "13:00-15:00"],
    ["after 2", "14:00-24:00"],
    ["by 5", "00:00-17:00"],
    ["evening", "17:00-20:00"],
    ["any time", "00:00-24:00"],
    ["asap", "00:00-24:00"],
  ])("%s means %s", (text, value) => {
    expect(completeTime({ text, kind: { takes: "time" } }, reference)).toMatchObject({
      ok: true,
      value: { value },
    });
  });
});

describe("a wish", () => {
  it("takes the time beside the day, but the day's own first", () => {
    expect(wishOf({ day: "2026-01-16", time: "14:00" }, zone)).toMatchObject({
      exact: new Date("2026-01-16T20:00:00Z"),
    });
    expect(wishOf({ day: "2026-01-16 09:00-11:00", time: "14:00" }, zone)).toEqual({
      ...{ date: "2026-01-16", exact: null },
      ...{ from: new Date("2026-01-16T15:00:00Z"), to: new Date("2026-01-16T17:00:00Z") },
    });
  });

  it.each([
    ["2026-03-08", 23],
    ["2026-11-01", 25],
    ["2026-01-16", 24],
  ])("of the whole of %s lasts %i hours", (day, hours) => {
    const wish = wishOf({ day }, zone);
    expect((wish.to.getTime() - wish.from.getTime()) / 3_600_000).toBe(hours);
    expect(wishInWords(wish, zone)).not.toContain("between");
  });

  it("moves a time that a daylight change skips forward", () => {
    expect(wishInWords(wishOf({ day: "2026-03-08 02:30" }, zone), zone)).toBe(
      "Sunday, March 8, 2026 at 3:30 AM",
    );
  });

  it.each([
    "2026-01-16 17:00-09:00",
    "2026-01-16T14:00",
    "2026-01-16 24:00",
    "tomorrow",
    "2026-01-16 14:00 x",
  ])("is not complete as %s", (text) => expect(isWish(text)).toBe(false));
});

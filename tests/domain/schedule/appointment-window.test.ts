import { CrmError } from "../../../src/domain/core/errors.ts";
import { parseAppointmentWindow } from "../../../src/domain/schedule/appointment-window.ts";
import { MONDAY_9 } from "../../support/act.ts";

const CHICAGO = "America/Chicago";
type Requested = Parameters<typeof parseAppointmentWindow>[0];
const parse = (requested: Requested, now = MONDAY_9) =>
  parseAppointmentWindow(requested, 90, { now, zone: CHICAGO });

function errorOf(requested: Requested, now?: Date) {
  try {
    parse(requested, now);
  } catch (error) {
    if (error instanceof CrmError) return error.body;
    throw error;
  }
  throw new Error("The window was accepted.");
}

describe("parseAppointmentWindow", () => {
  it("uses the default duration when the request has neither an end nor a duration", () => {
    expect(parse({ window_start: "2026-11-24T10:00" })).toEqual({
      from: new Date("2026-11-24T16:00:00Z"),
      to: new Date("2026-11-24T17:30:00Z"),
      minutes: 90,
    });
  });

  it("uses the requested duration when there is no end", () => {
    const window = parse({ window_start: "2026-11-24T10:00", duration_minutes: 45 });
    expect(window).toMatchObject({ to: new Date("2026-11-24T16:45:00Z"), minutes: 45 });
  });

  it("uses the end when there is one, and rounds minutes up", () => {
    const window = parse({
      window_start: "2026-11-24T10:00",
      window_end: "2026-11-24T11:00:01",
      duration_minutes: 45,
    });
    expect(window).toMatchObject({ to: new Date("2026-11-24T17:00:01Z"), minutes: 61 });
  });

  it.each([
    ["daylight time begins", "2026-03-08T01:00", "2026-03-08T04:00", 120],
    ["daylight time ends", "2026-11-01T00:00", "2026-11-01T03:00", 240],
  ])("measures elapsed time when %s within the window", (_change, window_start, window_end, minutes) => {
    expect(parse({ window_start, window_end }, new Date("2026-03-01T00:00:00Z"))).toMatchObject({ minutes });
  });

  it("accepts a start that is now and exactly one day's length", () => {
    expect(parse({ window_start: "2026-11-23T09:00", window_end: "2026-11-24T09:00" }).minutes).toBe(1_440);
  });

  it.each([
    ["a minute ago", "2026-11-23T08:59", undefined, "window_start", "is in the past"],
    ["more than five years ahead", "2031-11-23T09:01", undefined, "window_start", "more than 5 years ahead"],
    ["equal to its end", "2026-11-24T10:00", "2026-11-24T10:00", "window_end", "after window_start"],
    ["after its end", "2026-11-24T10:00", "2026-11-24T09:00", "window_end", "after window_start"],
    ["over a day before its end", "2026-11-24T10:00", "2026-11-25T10:01", "window_end", "within a day"],
  ])("rejects a start that is %s", (_case, window_start, window_end, field, message) => {
    expect(errorOf({ window_start, window_end })).toMatchObject({
      code: "validation_failed",
      fields: [{ path: `data.${field}`, message: expect.stringContaining(message) }],
    });
  });

  it.each([
    ["today when it is still to come", "2026-11-20T10:00", "2026-11-23T10:00"],
    ["tomorrow when it is over for today", "2026-11-20T08:00", "2026-11-24T08:00"],
  ])("suggests the same time of day, %s", (_case, window_start, next) => {
    expect(errorOf({ window_start }).hint).toContain(`comes next at ${next}.`);
  });
});

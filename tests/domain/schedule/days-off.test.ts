import { instantIn } from "../../../src/domain/core/time.ts";
import { daysOff, localDays } from "../../../src/domain/schedule/days-off.ts";

const CHICAGO = "America/Chicago";
const span = (from: string, to: string) => ({ from: instantIn(CHICAGO, from), to: instantIn(CHICAGO, to) });
const CHRISTMAS_WEEK = span("2026-12-21T08:00", "2026-12-27T08:00");

const off = (
  time_off: { from: string; to: string }[],
  holidays: { date: string; name: string }[] = [],
  interval = CHRISTMAS_WEEK,
) =>
  Object.fromEntries(daysOff({ technician: { name: "Tom", time_off }, holidays, zone: CHICAGO }, interval));

describe("localDays", () => {
  it("returns the first and the last day in the business zone, not in UTC", () => {
    const days = localDays(span("2026-11-23T20:00", "2026-11-24T20:00"), CHICAGO);
    expect(days.map(String)).toEqual(["2026-11-23", "2026-11-24"]);
  });

  it("returns the same day twice for an interval within one day", () => {
    const days = localDays(span("2026-11-23T00:00", "2026-11-23T23:59"), CHICAGO);
    expect(days.map(String)).toEqual(["2026-11-23", "2026-11-23"]);
  });
});

describe("daysOff", () => {
  it("is empty without time off and holidays", () => {
    expect(off([])).toEqual({});
  });

  it("includes the first and the last day of time off", () => {
    expect(off([{ from: "2026-12-23", to: "2026-12-25" }])).toEqual({
      "2026-12-23": "Tom is off",
      "2026-12-24": "Tom is off",
      "2026-12-25": "Tom is off",
    });
  });

  it("leaves out time off outside the interval", () => {
    expect(
      off([
        { from: "2026-12-01", to: "2026-12-21" },
        { from: "2026-12-27", to: "2027-01-10" },
      ]),
    ).toEqual({ "2026-12-21": "Tom is off", "2026-12-27": "Tom is off" });
  });

  it("names the holiday on which the business is closed", () => {
    expect(off([], [{ date: "2026-12-25", name: "Christmas" }])).toEqual({
      "2026-12-25": "the business is closed (Christmas)",
    });
  });

  it("gives the technician's time off as the reason when a holiday falls into it", () => {
    expect(
      off([{ from: "2026-12-25", to: "2026-12-25" }], [{ date: "2026-12-25", name: "Christmas" }]),
    ).toEqual({ "2026-12-25": "Tom is off" });
  });

  it.each([
    ["begins", "2026-03-07", "2026-03-08", "2026-03-09"],
    ["ends", "2026-10-31", "2026-11-01", "2026-11-02"],
  ])("returns each local day once when daylight time %s", (_change, before, day, after) => {
    const found = off([{ from: before, to: after }], [], span(`${before}T23:30`, `${after}T00:30`));
    expect(Object.keys(found)).toEqual([before, day, after]);
  });
});

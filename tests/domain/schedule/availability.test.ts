import type { WorkingHours } from "../../../src/entities/technician.ts";
import { instantIn, localTime } from "../../../src/domain/core/time.ts";
import { findFreeStarts, searchInterval } from "../../../src/domain/schedule/availability.ts";

const CHICAGO = "America/Chicago";
const at = (local: string) => instantIn(CHICAGO, local);
/** Local time with its offset, so that the two hours of a repeated one differ. */
const shown = (date: Date) =>
  localTime(date, CHICAGO).toString({ smallestUnit: "minute", timeZoneName: "never" });

const CLOSED: WorkingHours = {
  monday: null,
  tuesday: null,
  wednesday: null,
  thursday: null,
  friday: null,
  saturday: null,
  sunday: null,
};
const MORNINGS: WorkingHours = { ...CLOSED, monday: ["08:00", "10:00"], tuesday: ["08:00", "10:00"] };

interface Case {
  workingHours?: WorkingHours;
  busy?: [string, string][];
  daysOff?: string[];
  earliest?: string;
  minutes?: number;
  bufferMinutes?: number;
  stepMinutes?: number;
  count?: number;
}

/** Searches from Monday, November 23, 2026, 8:00, unless the case says otherwise. */
function starts({ workingHours = MORNINGS, busy = [], daysOff = [], earliest, ...wanted }: Case): string[] {
  return findFreeStarts(
    {
      workingHours,
      busy: busy.map(([from, to]) => ({ from: at(from), to: at(to) })),
      daysOff: new Set(daysOff),
    },
    {
      earliest: at(earliest ?? "2026-11-23T08:00"),
      zone: CHICAGO,
      minutes: 60,
      bufferMinutes: 0,
      stepMinutes: 30,
      count: 100,
      ...wanted,
    },
  ).map(shown);
}

const MONDAY = ["2026-11-23T08:00-06:00", "2026-11-23T08:30-06:00", "2026-11-23T09:00-06:00"];
const TUESDAY = ["2026-11-24T08:00-06:00", "2026-11-24T08:30-06:00", "2026-11-24T09:00-06:00"];

describe("findFreeStarts", () => {
  it("returns every step from opening at which the visit ends by closing, within seven days", () => {
    expect(starts({})).toEqual([...MONDAY, ...TUESDAY]);
  });

  it("returns the first `count` starts", () => {
    expect(starts({ count: 4 })).toEqual([...MONDAY, ...TUESDAY.slice(0, 1)]);
  });

  it("returns nothing when there are no working hours", () => {
    expect(starts({ workingHours: CLOSED })).toEqual([]);
  });

  it("returns one start when the visit fills the working day and none when it is longer", () => {
    const monday: WorkingHours = { ...CLOSED, monday: ["08:00", "10:00"] };
    expect(starts({ workingHours: monday, minutes: 120 })).toEqual(MONDAY.slice(0, 1));
    expect(starts({ workingHours: monday, minutes: 121 })).toEqual([]);
  });

  it("counts steps from opening and leaves out starts before `earliest`", () => {
    expect(starts({ earliest: "2026-11-23T08:10" })).toEqual([...MONDAY.slice(1), ...TUESDAY]);
    expect(starts({ earliest: "2026-11-23T22:00" })).toEqual(TUESDAY);
  });

  it("leaves out the starts whose visit overlaps a busy interval", () => {
    expect(starts({ busy: [["2026-11-23T09:00", "2026-11-23T09:30"]] })).toEqual([
      "2026-11-23T08:00-06:00",
      ...TUESDAY,
    ]);
  });

  it("requires the buffer between the visit and the next busy interval", () => {
    const busy: [string, string][] = [["2026-11-23T09:30", "2026-11-23T10:00"]];
    expect(starts({ busy, bufferMinutes: 30 })).toEqual(["2026-11-23T08:00-06:00", ...TUESDAY]);
    expect(starts({ busy, bufferMinutes: 31 })).toEqual(TUESDAY);
  });

  it("lets the buffer reach past closing", () => {
    expect(starts({ bufferMinutes: 240 })).toEqual([...MONDAY, ...TUESDAY]);
  });

  it("leaves out days off", () => {
    expect(starts({ daysOff: ["2026-11-23"] })).toEqual(TUESDAY);
    expect(starts({ daysOff: ["2026-11-23", "2026-11-24"] })).toEqual([]);
  });

  it("opens at the same local time before and after daylight time begins and ends", () => {
    const workingHours: WorkingHours = {
      ...CLOSED,
      saturday: ["08:00", "09:00"],
      sunday: ["08:00", "09:00"],
    };
    expect(starts({ workingHours, earliest: "2026-03-07T00:00" })).toEqual([
      "2026-03-07T08:00-06:00",
      "2026-03-08T08:00-05:00",
    ]);
    expect(starts({ workingHours, earliest: "2026-10-31T00:00" })).toEqual([
      "2026-10-31T08:00-05:00",
      "2026-11-01T08:00-06:00",
    ]);
  });

  describe("for hours that contain the change of daylight time", () => {
    const NIGHT: WorkingHours = { ...CLOSED, sunday: ["00:00", "04:00"] };
    const night = (earliest: string) => starts({ workingHours: NIGHT, stepMinutes: 60, earliest });

    it("leaves out the skipped hour in spring", () => {
      expect(night("2026-03-08T00:00")).toEqual([
        "2026-03-08T00:00-06:00",
        "2026-03-08T01:00-06:00",
        "2026-03-08T03:00-05:00",
      ]);
    });

    it("returns both occurrences of the repeated hour in autumn", () => {
      expect(night("2026-11-01T00:00")).toEqual([
        "2026-11-01T00:00-05:00",
        "2026-11-01T01:00-05:00",
        "2026-11-01T01:00-06:00",
        "2026-11-01T02:00-06:00",
        "2026-11-01T03:00-06:00",
      ]);
    });
  });
});

describe("searchInterval", () => {
  const DAILY: WorkingHours = {
    ...CLOSED,
    monday: ["00:00", "23:59"],
    tuesday: ["00:00", "23:59"],
    wednesday: ["00:00", "23:59"],
    thursday: ["00:00", "23:59"],
    friday: ["00:00", "23:59"],
    saturday: ["00:00", "23:59"],
    sunday: ["00:00", "23:59"],
  };

  it.each(["2026-11-23T08:00", "2026-03-05T23:30", "2026-10-29T00:00"])(
    "covers every visit and a day's buffer that findFreeStarts can return from %s on",
    (earliest) => {
      const { from, to } = searchInterval(at(earliest), CHICAGO);
      const found = starts({ workingHours: DAILY, earliest, count: 1_000 }).map((text) => new Date(text));
      expect(from).toEqual(at(earliest));
      expect(Math.min(...found.map(Number))).toBeGreaterThanOrEqual(from.getTime());
      expect(Math.max(...found.map(Number)) + 25 * 3_600_000).toBeLessThanOrEqual(to.getTime());
    },
  );
});

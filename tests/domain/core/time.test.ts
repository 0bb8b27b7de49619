import { inWords, instantIn, isZone, localTime, momentInput } from "../../../src/domain/core/time.ts";

const CHICAGO = "America/Chicago";
const iso = (text: string, zone = CHICAGO) => instantIn(zone, text).toISOString();

describe("a point in time", () => {
  it("is local time of the business without an offset", () => {
    expect(iso("2026-11-23T15:30")).toBe("2026-11-23T21:30:00.000Z");
    expect(iso("2026-07-23T15:30")).toBe("2026-07-23T20:30:00.000Z");
    expect(iso("2026-11-23T15:30", "Asia/Kolkata")).toBe("2026-11-23T10:00:00.000Z");
  });

  it("uses its offset when it has one", () => {
    expect(iso("2026-11-23T15:30Z")).toBe("2026-11-23T15:30:00.000Z");
    expect(iso("2026-11-23T15:30:15.5+02:00")).toBe("2026-11-23T13:30:15.500Z");
  });

  it("moves forward by an hour when the start of daylight time skips it", () => {
    expect(iso("2026-03-08T02:30")).toBe("2026-03-08T08:30:00.000Z");
    expect(localTime(instantIn(CHICAGO, "2026-03-08T02:30"), CHICAGO).toPlainTime().toString()).toBe(
      "03:30:00",
    );
  });

  it("is the first occurrence when the end of daylight time repeats the hour", () => {
    expect(iso("2026-11-01T01:30")).toBe("2026-11-01T06:30:00.000Z");
  });

  it.each(["2026-11-23T15:30", "2026-11-23T15:30:00", "2026-11-23T15:30:00.123Z", "2026-11-23T15:30-06:00"])(
    "is accepted as %s",
    (text) => expect(momentInput.safeParse(text).success).toBe(true),
  );

  it.each([
    "tomorrow",
    "2026-11-23",
    "2026-02-30T10:00",
    "2026-11-23T25:00",
    "2026-11-23 15:30",
    "2026-13-01T10:00Z",
  ])("is rejected as %s with one message", (text) => {
    const issues = momentInput.safeParse(text).error?.issues ?? [];
    expect(issues.map((issue) => issue.message)).toEqual([
      expect.stringMatching(/2026-11-23T15:30|calendar/),
    ]);
  });

  it("is formatted with its weekday", () => {
    expect(inWords(new Date("2026-11-23T21:30:00Z"), CHICAGO)).toBe("Monday, November 23, 2026 at 3:30 PM");
  });
});

describe("isZone", () => {
  it("accepts names of the IANA database and no offsets", () => {
    expect([CHICAGO, "UTC", "Mars/Olympus", "+05:00", ""].filter(isZone)).toEqual([CHICAGO, "UTC"]);
  });
});

import { readMoment } from "../../../../src/domain/core/when/index.ts";
import { said } from "./in-words.ts";

/** The instants were computed by hand, from the zones' offsets in 2026 to 2029; the code under test has no part in them. */
const CHICAGO = "America/Chicago";
const BERLIN = "Europe/Berlin";
const SYDNEY = "Australia/Sydney";

const instantOf = (text: string, now: string, zone: string): string => {
  const read = readMoment(text, said(now, zone));
  return read.ok ? (read.value.instant?.toISOString().slice(0, 16) ?? "no instant") : read.fault.message;
};

/** In January, hours east of Greenwich. */
const WINTER = [
  [CHICAGO, -6],
  [BERLIN, 1],
  [SYDNEY, 11],
] as const;

/** Said from Monday, January 12 to Sunday, January 18, 2026, each day at 10:00: the day of January and the hour meant. */
const WEEK: Record<string, [hour: number, ...days: number[]]> = {
  "Monday at 9am": [9, 19, 19, 19, 19, 19, 19, 19],
  "Monday at 3pm": [15, 12, 19, 19, 19, 19, 19, 19],
  "Sunday at 9am": [9, 18, 18, 18, 18, 18, 18, 25],
  "Sunday at 3pm": [15, 18, 18, 18, 18, 18, 18, 18],
  "Friday at 3pm": [15, 16, 16, 16, 16, 16, 23, 23],
  "next Monday at 9am": [9, 19, 19, 19, 19, 19, 19, 19],
  "next Sunday at 9am": [9, 25, 25, 25, 25, 25, 25, 25],
  "next Friday at 3pm": [15, 23, 23, 23, 23, 23, 23, 23],
  "tomorrow at noon": [12, 13, 14, 15, 16, 17, 18, 19],
};

describe("a weekday said on each weekday", () => {
  const rows = WINTER.flatMap(([zone, offset]) =>
    Object.entries(WEEK).flatMap(([text, [hour, ...days]]) =>
      days.map((day, nth): [string, string, string, string] => [
        text,
        `2026-01-${12 + nth}T10:00`,
        zone,
        new Date(Date.UTC(2026, 0, day, hour - offset)).toISOString().slice(0, 16),
      ]),
    ),
  );
  it.each(rows)("%s, said %s in %s, is %s", (text, now, zone, expected) => {
    expect(instantOf(text, now, zone)).toBe(expected);
  });
});

/** `said | zone`, and what the phrases mean in UTC. */
const TABLE: Record<string, Record<string, string>> = {
  // Daylight-saving time begins on March 8 at 2:00: 2:30 does not exist and moves forward.
  [`2026-03-07T10:00 ${CHICAGO}`]: {
    "today at 11pm": "2026-03-08T05:00",
    "tomorrow midnight": "2026-03-08T06:00",
    "tomorrow at 1:59am": "2026-03-08T07:59",
    "tomorrow at 2:30am": "2026-03-08T08:30",
    "tomorrow at 3am": "2026-03-08T08:00",
    "tomorrow at 9am": "2026-03-08T14:00",
    "tomorrow at 10am": "2026-03-08T15:00",
    "in 24 hours": "2026-03-08T16:00",
    "Monday midnight": "2026-03-09T05:00",
    "in two weeks at 9am": "2026-03-21T14:00",
  },
  // It ends on November 1 at 2:00: 1:30 comes twice, and the first one is meant.
  [`2026-10-31T10:00 ${CHICAGO}`]: {
    "end of the month at 3pm": "2026-10-31T20:00",
    "the 31st at 3pm": "2026-10-31T20:00",
    "tomorrow midnight": "2026-11-01T05:00",
    "tomorrow at 12:30am": "2026-11-01T05:30",
    "tomorrow at 1:30am": "2026-11-01T06:30",
    "tomorrow at 2am": "2026-11-01T08:00",
    "tomorrow at 9am": "2026-11-01T15:00",
    "in 24 hours": "2026-11-01T15:00",
    "tomorrow at noon": "2026-11-01T18:00",
    "Monday midnight": "2026-11-02T06:00",
    "in a month at 9am": "2026-11-30T15:00",
  },
  [`2026-03-28T10:00 ${BERLIN}`]: {
    "today at 9pm": "2026-03-28T20:00",
    "tomorrow midnight": "2026-03-28T23:00",
    "tomorrow at 1:30am": "2026-03-29T00:30",
    "tomorrow at 2:30am": "2026-03-29T01:30",
    "tomorrow at 3am": "2026-03-29T01:00",
    "tomorrow at 9:00": "2026-03-29T07:00",
    "in 24 hours": "2026-03-29T09:00",
    "Monday midnight": "2026-03-29T22:00",
    "30/3 at 14:00": "2026-03-30T12:00",
    "1/4 at noon": "2026-04-01T10:00",
  },
  [`2026-10-24T10:00 ${BERLIN}`]: {
    "today at noon": "2026-10-24T10:00",
    "tomorrow midnight": "2026-10-24T22:00",
    "tomorrow at 1:30am": "2026-10-24T23:30",
    "tomorrow at 2:30am": "2026-10-25T00:30",
    "tomorrow at 3am": "2026-10-25T02:00",
    "tomorrow at noon": "2026-10-25T11:00",
    "Monday midnight": "2026-10-25T23:00",
    "Monday at 9": "2026-10-26T08:00",
  },
  [`2026-04-04T10:00 ${SYDNEY}`]: {
    "today at 9pm": "2026-04-04T10:00",
    "tomorrow at 1:30am": "2026-04-04T14:30",
    "tomorrow at 2:30am": "2026-04-04T15:30",
    "tomorrow at 3am": "2026-04-04T17:00",
    "tomorrow at 9am": "2026-04-04T23:00",
    "Monday midnight": "2026-04-05T14:00",
  },
  [`2026-10-03T10:00 ${SYDNEY}`]: {
    "tomorrow at 1:30am": "2026-10-03T15:30",
    "tomorrow at 2:30am": "2026-10-03T16:30",
    "tomorrow at 3am": "2026-10-03T16:00",
    "tomorrow at 9am": "2026-10-03T22:00",
    "Monday midnight": "2026-10-04T13:00",
  },
  [`2026-01-30T10:00 ${CHICAGO}`]: {
    "the 30th at 11am": "2026-01-30T17:00",
    "last Friday of the month at 3pm": "2026-01-30T21:00",
    "tomorrow at 9am": "2026-01-31T15:00",
    "the 31st at 9am": "2026-01-31T15:00",
    "1/31 at 9am": "2026-01-31T15:00",
    "end of the month at noon": "2026-01-31T18:00",
    "in two days at 9am": "2026-02-01T15:00",
    "first Monday of next month at 9am": "2026-02-02T15:00",
    "in a fortnight at 9am": "2026-02-13T15:00",
    "in a month at 9am": "2026-02-28T15:00",
    "end of next month at noon": "2026-02-28T18:00",
    "the 29th at 9am": "2026-03-29T14:00",
    "July 4 at noon": "2026-07-04T17:00",
    "first Monday of December at 9am": "2026-12-07T15:00",
    "December 31 at 11pm": "2027-01-01T05:00",
    "Jan 15 at 9am": "2027-01-15T15:00",
    "1/15/2027 2pm": "2027-01-15T20:00",
    "Feb 29 at noon": "2028-02-29T18:00",
  },
  [`2028-02-28T10:00 ${CHICAGO}`]: {
    "tomorrow at 9am": "2028-02-29T15:00",
    "Tuesday at 9am": "2028-02-29T15:00",
    "the 29th at 9am": "2028-02-29T15:00",
    "Feb 29 at noon": "2028-02-29T18:00",
    "end of the month at 3pm": "2028-02-29T21:00",
    "last Tuesday of the month at 9am": "2028-02-29T15:00",
    "in two days at 9am": "2028-03-01T15:00",
    "in a year at 9am": "2029-02-28T15:00",
  },
  [`2028-02-29T10:00 ${CHICAGO}`]: {
    "tomorrow at 9am": "2028-03-01T15:00",
    "in a month at 9am": "2028-03-29T14:00",
    "in a year at 9am": "2029-02-28T15:00",
  },
  [`2026-12-31T23:30 ${BERLIN}`]: {
    "Thursday at 23:45": "2026-12-31T22:45",
    "tomorrow midnight": "2026-12-31T23:00",
    "in two hours": "2027-01-01T00:30",
    "tomorrow at 9:00": "2027-01-01T08:00",
    "Friday at 9:00": "2027-01-01T08:00",
    "1/1 at noon": "2027-01-01T11:00",
    "Thursday at 9:00": "2027-01-07T08:00",
  },
  [`2026-01-15T23:59:59 ${CHICAGO}`]: {
    "Friday midnight": "2026-01-16T06:00",
    "tomorrow at 2pm": "2026-01-16T20:00",
    "Friday at 2pm": "2026-01-16T20:00",
  },
  [`2026-01-16T00:00:01 ${CHICAGO}`]: {
    "today at noon": "2026-01-16T18:00",
    "Friday at 2pm": "2026-01-16T20:00",
    "tomorrow at 2pm": "2026-01-17T20:00",
    "Friday midnight": "2026-01-23T06:00",
  },
  "2026-01-15T10:00 Asia/Kolkata": {
    "tomorrow at 9am": "2026-01-16T03:30",
    "Monday at half past two": "2026-01-19T09:00",
    "3/2 at 9am": "2026-02-03T03:30",
  },
};

describe("a time after some minutes or hours", () => {
  it.each([
    ["in two hours", "2026-01-07T18:01:00.000Z"],
    ["20 minutes from now", "2026-01-07T16:21:00.000Z"],
    ["now", "2026-01-07T16:00:17.000Z"],
  ])("%s, said at 10:00:17, is %s: no visit begins at odd seconds", (text, expected) => {
    const read = readMoment(text, said("2026-01-07T10:00:17"));
    expect(read.ok && read.value.instant?.toISOString()).toBe(expected);
  });
});

describe("an instant in words", () => {
  const rows = Object.entries(TABLE).flatMap(([place, phrases]) => {
    const [now = "", zone = ""] = place.split(" ");
    return Object.entries(phrases).map(([text, at]): [string, string, string, string] => [
      text,
      now,
      zone,
      at,
    ]);
  });
  it.each(rows)("%s, said %s in %s, is %s", (text, now, zone, expected) => {
    expect(instantOf(text, now, zone)).toBe(expected);
  });
});

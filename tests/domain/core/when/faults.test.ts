import {
  couldBe,
  type Read,
  readDay,
  readMoment,
  readSpan,
  readTime,
} from "../../../../src/domain/core/when/index.ts";
import { said } from "./in-words.ts";

const NOW = said("2026-01-07T10:00");
const READERS = { day: readDay, span: readSpan, time: readTime, moment: readMoment };
type Kind = keyof typeof READERS;

const message = (result: Read<unknown>): string => (result.ok ? "" : result.fault.message);

describe("a fault", () => {
  it.each<[kind: Kind, text: string, expected: string]>([
    ["day", "next Blursday", '"next Blursday" names no day that is known; did you mean Thursday?'],
    ["day", "Munday", '"Munday" names no day that is known; did you mean Monday or Sunday?'],
    ["day", "yesterday", "is past: it means 2026-01-06, and today is 2026-01-07"],
    ["day", "Feb 30", "February 30 does not exist: February has at most 29 days"],
    ["day", "Feb 29 2027", "February 29 does not exist: February 2027 has 28 days"],
    ["day", "13/13/2026", "there is no month 13"],
    ["day", "the 32nd", "no month has a day 32"],
    ["day", "2062-01-15", "is more than 5 years ahead; check the year"],
    ["day", "Friday Jan 15", "names two different days: 2026-01-15 is a Thursday, not a Friday"],
    ["day", "next week", "names several days; expected a day, such as 2026-01-15, tomorrow or next Friday"],
    [
      "span",
      "tomorrow and Friday",
      "names two days; expected days, such as next week or 2026-01-15 to 2026-01-20",
    ],
    ["span", "2026-01-20..2026-01-12", "ends before it begins: 2026-01-20 to 2026-01-12"],
    ["time", "25:00", '"25:00" is no time of day: hours go from 0 to 23, minutes to 59'],
    ["time", "5pm-3pm", "does not end after it begins: 5 PM to 3 PM"],
    ["moment", "2pm on fooday", 'understood the time 2 PM, but not "fooday"; did you mean Monday or Friday?'],
    ["moment", "today 8am", "is past: 8 AM today is over"],
    ["moment", "any time", "says any time, but names no day"],
    ["moment", "Friday tonight", 'names two days: "tonight" is today'],
    ["day", "\u0661 January", "has a character that dates and times are not written with"],
    ["day", "x".repeat(81), "is longer than 80 characters; name only the day and time"],
    [
      "moment",
      "coming Friday",
      'understood the day "friday", but not "coming"; expected a day and a time, such as 2026-01-15T14:00 or Friday at 2 PM',
    ],
    [
      "time",
      "after lunch",
      '"after lunch" names no time that is known; expected a time of day, such as 14:00, 9 AM or morning',
    ],
    ["day", "1 ".repeat(21), "has too many words; name only the day and time"],
    ["day", "tomorrow + 1", 'cannot be read from "+ 1" on'],
    ["day", "  ", "names no day and no time"],
  ])("for the %s %j says: %s", (kind, text, expected) => {
    expect(message(READERS[kind](text, NOW))).toBe(expected);
  });

  it("asks whether a bare year is a year or a time of day", () => {
    const shown = (result: { ok: boolean }) => JSON.stringify(result);
    for (const refused of [readTime("2027", NOW), readMoment("2027", NOW), readDay("2027", NOW)])
      expect(shown(refused)).toContain("2027 may be a year or a time of day");
    expect(shown(readMoment("2027", NOW))).toContain('["2027-01-01","20:27"]');
    expect(readTime("at 2027", NOW).ok).toBe(true);
    expect(readTime("1930", NOW).ok).toBe(true);
  });

  it("quotes at most 40 characters of the text", () => {
    const text = "the moment at which everything is going to be different";
    expect(message(readMoment(text, NOW))).toMatch(
      /^"the moment at which everything is going…" names no day/,
    );
  });
});

describe("couldBe", () => {
  it.each<[kind: Kind, text: string]>([
    ["day", "next Blursday"],
    ["day", "Feb 30"],
    ["day", "30/2/2026"],
    ["day", "13/13/2026"],
    ["day", "two weeks from Feb 30"],
    ["day", "next week"],
    ["span", "Feb 30 to Mar 3"],
    ["span", "week of April 31"],
    ["span", "2pm"],
    ["time", "25:00"],
    ["time", "tomorrow"],
    ["moment", "2026-02-30T10:00"],
    ["moment", "2026-02-30T10:00Z"],
    ["moment", "Friday 25:00"],
    ["moment", "Friday 5pm-3pm"],
  ])("refuses the %s %j as the reader does", (kind, text) => {
    const refused = couldBe(kind, text);
    expect(message(refused)).not.toBe("");
    expect(message(refused)).toBe(message(READERS[kind](text, NOW)));
  });

  it.each<[kind: Kind, text: string]>([
    ["day", "1/15/2026"],
    ["day", "15/1/2026"],
    ["day", "Feb 29"],
    ["day", "yesterday"],
    ["day", "2062-01-15"],
    ["span", "next week"],
    ["span", "13/1 - 15/1"],
    ["time", "half past two"],
    ["moment", "8am"],
    ["moment", "2020-01-01T10:00Z"],
    ["moment", "in two hours"],
  ])("accepts the %s %j, whatever the day and the country", (kind, text) => {
    expect(couldBe(kind, text)).toEqual({ ok: true, value: true });
  });
});

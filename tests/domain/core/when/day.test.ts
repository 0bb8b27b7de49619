import { day, said } from "./in-words.ts";

type Row = [text: string, expected: string];

/** Wednesday, January 7, 2026. */
const WEDNESDAY = said("2026-01-07T10:00");

describe("a day", () => {
  it.each<Row>([
    ["today", "2026-01-07"],
    ["Tomorrow", "2026-01-08"],
    ["tomorow", "2026-01-08"],
    ["tommorow", "2026-01-08"],
    ["day after tomorrow", "2026-01-09"],
    ["the day after tomorrow", "2026-01-09"],
    ["in two weeks", "2026-01-21"],
    ["two weeks", "2026-01-21"],
    ["two weeks from today", "2026-01-21"],
    ["2 weeks from now", "2026-01-21"],
    ["two weeks from Friday", "2026-01-23"],
    ["a week from tomorrow", "2026-01-15"],
    ["3 days", "2026-01-10"],
    ["in 3 days", "2026-01-10"],
    ["a fortnight", "2026-01-21"],
    ["in a fortnight", "2026-01-21"],
    ["in a week", "2026-01-14"],
    ["in a month", "2026-02-07"],
    ["in a year", "2027-01-07"],
    ["Jan 15", "2026-01-15"],
    ["jan. 15", "2026-01-15"],
    ["Jan.15", "2026-01-15"],
    ["15 January", "2026-01-15"],
    ["15 January, 2027", "2027-01-15"],
    ["January 15th 2026", "2026-01-15"],
    ["January 15th, 2026", "2026-01-15"],
    ["the 15th of January", "2026-01-15"],
    ["15th Jan", "2026-01-15"],
    ["15-Jan-2026", "2026-01-15"],
    ["Sept 3", "2026-09-03"],
    ["the 15th", "2026-01-15"],
    ["15th", "2026-01-15"],
    ["on the 7th", "2026-01-07"],
    ["the 6th", "2026-02-06"],
    ["the first", "2026-02-01"],
    ["the twenty-first", "2026-01-21"],
    ["first of March", "2026-03-01"],
    ["2026-01-15", "2026-01-15"],
    ["2026/01/15", "2026-01-15"],
    ["2026-1-15", "2026-01-15"],
    ["20260115", "2026-01-15"],
    ["Jan 7", "2026-01-07"],
    ["Jan 6", "2027-01-06"],
    ["Feb 29", "2028-02-29"],
    ["first Monday of December", "2026-12-07"],
    ["the 2nd Tuesday in March", "2026-03-10"],
    ["first Monday of January", "2027-01-04"],
    ["third Friday of January 2027", "2027-01-15"],
    ["first Monday of next month", "2026-02-02"],
    ["last Friday of the month", "2026-01-30"],
    ["last Friday of next month", "2026-02-27"],
    ["last Monday of May", "2026-05-25"],
    ["fifth Saturday of January", "2026-01-31"],
    ["end of the month", "2026-01-31"],
    ["end of month", "2026-01-31"],
    ["end of next month", "2026-02-28"],
    ["the end of February", "2026-02-28"],
    ["end of February 2028", "2028-02-29"],
    ["beginning of next month", "2026-02-01"],
    ["start of next month", "2026-02-01"],
    ["the last day of the month", "2026-01-31"],
    ["first day of March", "2026-03-01"],
    ["end of the year", "2026-12-31"],
    ["Friday next week", "2026-01-16"],
    ["next week Friday", "2026-01-16"],
    ["Friday of next week", "2026-01-16"],
    ["Friday this week", "2026-01-09"],
    ["Friday, January 16", "2026-01-16"],
    ["Fri Jan 16 2026", "2026-01-16"],
    ["Thursday 2026-01-15", "2026-01-15"],
    ["Friday the 16th", "2026-01-16"],
    ["2026-01-16 (Friday)", "2026-01-16"],
    ["Jan 16 Friday", "2026-01-16"],
    ["Wensday", "2026-01-07"],
    ["Fryday", "2026-01-09"],
    ["Thurday", "2026-01-08"],
    ["Febuary 3", "2026-02-03"],
    ["3 Setpember", "!"],
    ["thurs", "2026-01-08"],
    ["Sat.", "2026-01-10"],
    ["  next\u00a0 FRIDAY...", "2026-01-16"],
    ["on Friday,", "2026-01-09"],
    ["2031-01-07", "2031-01-07"],
  ])("is read from %j on a Wednesday in January", (text, expected) => {
    expect(day(text, WEDNESDAY)).toBe(expected);
  });

  it.each<Row>([
    ["yesterday", "! 2026-01-07 2026-01-08"],
    ["2025-01-15", "! 2026-01-15"],
    ["2025-01-03", "! 2027-01-03"],
    ["1/15/2025", "! 2026-01-15"],
    ["Jan 15 2025", "! 2026-01-15"],
    ["Feb 29 2024", "! 2028-02-29"],
    ["this Tuesday", "! 2026-01-13"],
    ["Tuesday this week", "! 2026-01-13"],
    ["last Friday", "! 2026-01-09"],
    ["3 days ago", "! 2026-01-10"],
    ["beginning of the month", "! 2026-02-01"],
    ["first Monday of the month", "! 2026-02-02"],
    ["first Monday of December 2025", "! 2026-12-07"],
    ["Feb 30", "! 2026-02-28 2026-03-01"],
    ["31 April", "! 2026-04-30 2026-05-01"],
    ["Feb 29 2027", "! 2027-02-28 2027-03-01"],
    ["2026-02-30", "! 2026-02-28 2026-03-01"],
    ["20260230", "! 2026-02-28 2026-03-01"],
    ["2/30/2026", "! 2026-02-28 2026-03-01"],
    ["30/2/2026", "! 2026-02-28 2026-03-01"],
    ["13/13/2026", "! 2026-12-13 2027-01-13"],
    ["the 32nd", "!"],
    ["fifth Friday of this month", "2026-01-30"],
    ["fifth Monday of this month", "! 2026-01-26"],
    ["2031-01-08", "!"],
    ["2062-01-15", "!"],
    ["1/15/0026", "! 2026-01-15"],
    ["0000-00-00", "!"],
    ["9999 years ago", "!"],
    ["Friday Jan 15", "! 2026-01-15 2026-01-16"],
    ["next week", "! 2026-01-12 2026-01-18"],
    ["tomorrow at 2", "! 2026-01-08"],
    ["tonight", "!"],
    ["tomorrow and Friday", "! 2026-01-08 2026-01-09"],
    ["next Blursday", "!"],
    ["Mondays", "!"],
    ["Munday", "!"],
    ["", "!"],
    ["15", "!"],
    ["2pm", "!"],
    ["١٥ January", "!"],
    ["tomorrow\u0000", "!"],
    ["tomorrow\u202e", "!"],
    [`tomorrow${" ".repeat(73)}`, "!"],
    [`tomorrow${" ".repeat(72)}`, "2026-01-08"],
  ])("has these readings for %j on a Wednesday in January", (text, expected) => {
    expect(day(text, WEDNESDAY)).toBe(expected);
  });

  it.each<[text: string, country: string, expected: string]>([
    ["1/15/2026", "US", "2026-01-15"],
    ["15/1/2026", "US", "2026-01-15"],
    ["15.1.2026", "US", "2026-01-15"],
    ["2/3/2026", "US", "2026-02-03"],
    ["2/3", "US", "2026-02-03"],
    ["2/3 2027", "US", "2027-02-03"],
    ["1/15", "US", "2026-01-15"],
    ["1/6", "US", "2027-01-06"],
    ["2-3-2026", "US", "2026-02-03"],
    ["2/3/26", "US", "2026-02-03"],
    ["2/3/2026", "PH", "2026-02-03"],
    ["2/3/2026", "CA", "2026-03-02"],
    ["2/3/2026", "GB", "2026-03-02"],
    ["2/3/2026", "DE", "2026-03-02"],
    ["15/1/2026", "DE", "2026-01-15"],
    ["15.1.2026", "DE", "2026-01-15"],
    ["1/15/2026", "DE", "2026-01-15"],
    ["2.3.2026", "DE", "2026-03-02"],
    ["2/3", "AU", "2026-03-02"],
    ["13/13/2026", "AU", "! 2026-12-13 2027-01-13"],
    ["2026-03-02", "AU", "2026-03-02"],
  ])("takes %j in %s in the order of the country", (text, country, expected) => {
    expect(day(text, said("2026-01-07T10:00", "America/Chicago", country))).toBe(expected);
  });

  it.each<Row>([
    ["yesterday", "2026-01-06"],
    ["day before yesterday", "2026-01-05"],
    ["3 days ago", "2026-01-04"],
    ["last Friday", "2026-01-02"],
    ["last Wednesday", "2025-12-31"],
    ["Friday last week", "2026-01-02"],
    ["this Monday", "2026-01-05"],
    ["Monday", "2026-01-12"],
    ["Jan 6", "2026-01-06"],
    ["Dec 24", "2025-12-24"],
    ["Jul 7", "2026-07-07"],
    ["Jul 9", "2025-07-09"],
    ["Jul 8", "2026-07-08"],
    ["Jul 1", "2026-07-01"],
    ["the 30th", "2025-12-30"],
    ["2020-01-15", "2020-01-15"],
    ["beginning of the month", "2026-01-01"],
    ["2031-01-08", "!"],
  ])("is read from %j where the past is allowed", (text, expected) => {
    expect(day(text, WEDNESDAY, true)).toBe(expected);
  });

  it("is the past one of two that are equally near", () => {
    expect(day("Mar 1", said("2027-08-31T10:00"), true)).toBe("2027-03-01");
    expect(day("Mar 1", said("2027-09-01T10:00"), true)).toBe("2028-03-01");
  });
});

describe("a weekday", () => {
  const DAYS = ["05", "06", "07", "08", "09", "10", "11"].map((date) => `2026-01-${date}`);

  /** What it means said on Monday, January 5, and on each day to Sunday, January 11. `!12` is the reading of a fault. */
  it.each<[text: string, expected: string]>([
    ["Sunday", "11 11 11 11 11 11 11"],
    ["this Sunday", "11 11 11 11 11 11 11"],
    ["next Sunday", "18 18 18 18 18 18 18"],
    ["Monday", "05 12 12 12 12 12 12"],
    ["this Monday", "05 !12 !12 !12 !12 !12 !12"],
    ["next Monday", "12 12 12 12 12 12 12"],
    ["Friday", "09 09 09 09 09 16 16"],
    ["this Friday", "09 09 09 09 09 !16 !16"],
    ["next Friday", "16 16 16 16 16 16 16"],
    ["Friday next week", "16 16 16 16 16 16 16"],
  ])("means for %j, on each day of a week: %s", (text, expected) => {
    const read = DAYS.map((today) =>
      day(text, said(`${today}T12:00`)).replace(/(! )?2026-01-/, (_, fault) => (fault ? "!" : "")),
    );
    expect(read.join(" ")).toBe(expected);
  });
});

describe("today", () => {
  it.each<[now: string, zone: string, text: string, expected: string]>([
    ["2026-01-31T23:59:59", "America/Chicago", "today", "2026-01-31"],
    ["2026-01-31T23:59:59", "America/Chicago", "tomorrow", "2026-02-01"],
    ["2026-01-31T00:00", "America/Chicago", "today", "2026-01-31"],
    ["2026-01-31T12:00", "America/Chicago", "in a month", "2026-02-28"],
    ["2026-01-31T12:00", "America/Chicago", "the 30th", "2026-03-30"],
    ["2026-01-31T12:00", "America/Chicago", "end of the month", "2026-01-31"],
    ["2026-01-31T12:00", "America/Chicago", "end of next month", "2026-02-28"],
    ["2028-02-28T12:00", "Europe/Berlin", "tomorrow", "2028-02-29"],
    ["2028-02-29T12:00", "Europe/Berlin", "Feb 29", "2028-02-29"],
    ["2028-02-29T12:00", "Europe/Berlin", "in a year", "2029-02-28"],
    ["2028-03-01T12:00", "Europe/Berlin", "Feb 29", "2032-02-29"],
    ["2026-12-31T23:59:59", "Europe/Berlin", "tomorrow", "2027-01-01"],
    ["2026-12-31T23:59:59", "Europe/Berlin", "1.1.2027", "2027-01-01"],
    ["2026-12-30T12:00", "Australia/Sydney", "Jan 1", "2027-01-01"],
    ["2026-12-30T12:00", "Australia/Sydney", "Friday", "2027-01-01"],
    ["2026-12-30T12:00", "Australia/Sydney", "next Friday", "2027-01-08"],
    ["2026-04-05T02:30", "Australia/Sydney", "tomorrow", "2026-04-06"],
    ["2026-03-08T01:59:59", "America/Chicago", "tomorrow", "2026-03-09"],
    ["2026-02-27T12:00", "Australia/Sydney", "end of month", "2026-02-28"],
  ])("at %s in %s, %j is %s", (now, zone, text, expected) => {
    expect(day(text, said(now, zone))).toBe(expected);
  });

  it("is the day of the zone", () => {
    const now = new Date("2026-01-07T23:30:00Z");
    expect(day("today", { ...WEDNESDAY, now })).toBe("2026-01-07");
    expect(day("today", { ...WEDNESDAY, now, zone: "Europe/Berlin" })).toBe("2026-01-08");
    expect(day("today", { ...WEDNESDAY, now, zone: "Australia/Sydney" })).toBe("2026-01-08");
  });
});

import { CrmError } from "../../../src/domain/core/errors.ts";
import { addDays, datesBetween, firstDate } from "../../../src/domain/plan/rule/dates.ts";
import { readRule, repeatsInWords } from "../../../src/domain/plan/rule/read.ts";

/** A Tuesday. */
const FIRST_DAY = "2026-12-01";
const read = (rule: string, first_day = FIRST_DAY, ends_on: string | null = null) =>
  readRule({ rule, first_day, ends_on });
const datesOf = (rule: string, { from = FIRST_DAY, to = "2027-03-31", first_day = FIRST_DAY } = {}) =>
  datesBetween({ rule: read(rule, first_day).rule, first_day, ends_on: null, exceptions: [] }, { from, to });

describe("a rule in words", () => {
  it.each([
    ["daily", "FREQ=DAILY", "every day"],
    ["every day", "FREQ=DAILY", "every day"],
    ["every other day", "FREQ=DAILY;INTERVAL=2", "every other day"],
    ["every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"],
    ["weekly", "FREQ=WEEKLY;BYDAY=TU", "every Tuesday"],
    ["every week", "FREQ=WEEKLY;BYDAY=TU", "every Tuesday"],
    ["Mondays", "FREQ=WEEKLY;BYDAY=MO", "every Monday"],
    ["each Wednesday", "FREQ=WEEKLY;BYDAY=WE", "every Wednesday"],
    ["every 2 weeks", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every other Tuesday"],
    ["biweekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every other Tuesday"],
    ["fortnightly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every other Tuesday"],
    ["every other Tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every other Tuesday"],
    ["every second Friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every other Friday"],
    [
      "every 3 weeks on Monday and Friday",
      "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,FR",
      "every 3 weeks on Monday and Friday",
    ],
    ["every Thursday and Monday", "FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday"],
    ["monthly", "FREQ=MONTHLY;BYMONTHDAY=1", "on the 1st of every month"],
    ["every month", "FREQ=MONTHLY;BYMONTHDAY=1", "on the 1st of every month"],
    ["every 3 months", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "on the 1st of every 3 months"],
    ["quarterly", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "on the 1st of every 3 months"],
    ["twice a year", "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=1", "on the 1st of every 6 months"],
    ["yearly", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1", "every year on December 1"],
    ["every year on May 2nd", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=2", "every year on May 2"],
    [
      "every April and October",
      "FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=1",
      "every year on April 1 and October 1",
    ],
    ["first Monday of the month", "FREQ=MONTHLY;BYDAY=1MO", "on the first Monday of every month"],
    ["last Friday of every month", "FREQ=MONTHLY;BYDAY=-1FR", "on the last Friday of every month"],
    ["every month on the second Tuesday", "FREQ=MONTHLY;BYDAY=2TU", "on the second Tuesday of every month"],
    [
      "first and third Monday of the month",
      "FREQ=MONTHLY;BYDAY=1MO,3MO",
      "on the first Monday and third Monday of every month",
    ],
    [
      "2nd and 4th Friday",
      "FREQ=MONTHLY;BYDAY=2FR,4FR",
      "on the second Friday and fourth Friday of every month",
    ],
    [
      "every first and third Monday",
      "FREQ=MONTHLY;BYDAY=1MO,3MO",
      "on the first Monday and third Monday of every month",
    ],
    ["twice a month", "FREQ=MONTHLY;BYMONTHDAY=1,15", "on the 1st and 15th of every month"],
    ["on the 15th of every month", "FREQ=MONTHLY;BYMONTHDAY=15", "on the 15th of every month"],
    ["the 1st and 15th of the month", "FREQ=MONTHLY;BYMONTHDAY=1,15", "on the 1st and 15th of every month"],
    ["last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month"],
    [
      "last working day of the month",
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
      "on the last weekday of every month",
    ],
  ])("%s is %s", (words, rule, inWords) => {
    const found = read(words);
    expect(found.rule).toBe(rule);
    expect(repeatsInWords(rule, "09:00")).toBe(`${inWords} at 9:00 AM`);
    expect(read(rule).rule).toBe(rule);
  });

  it.each([
    "whenever it rains",
    "twice a week",
    "bimonthly",
    "every",
    "every 0 weeks",
    "the 32nd of every month",
    "",
  ])("%j is refused with examples", (words) => {
    const body = bodyOf(() => read(words));
    expect(body).toMatchObject({ code: "validation_failed", fields: [{ path: "data.rule" }] });
    expect(body.hint).toContain("every other Tuesday; first Monday of the month; FREQ=WEEKLY;BYDAY=MO,TH");
  });
});

describe("a number of visits a week", () => {
  it.each(["twice a week", "3 times per week", "several times weekly"])(
    "is refused: %s says no days",
    (words) => {
      const message = `does not say on which days (${words}); name them: every Monday and Thursday`;
      expect(bodyOf(() => read(words))).toMatchObject({ fields: [{ path: "data.rule", message }] });
    },
  );
});

describe("an RFC 5545 rule", () => {
  it.each([
    ["FREQ=HOURLY", "it can be DAILY, WEEKLY, MONTHLY, YEARLY"],
    ["FREQ=DAILY;BYHOUR=9", "names a time of day (BYHOUR)"],
    ["FREQ=WEEKLY;BYDAY=1MO", "use FREQ=MONTHLY"],
    ["FREQ=MONTHLY;BYDAY=6MO", "no month has that"],
    ["FREQ=WEEKLY;BYMONTHDAY=4", "use FREQ=MONTHLY"],
    ["FREQ=WEEKLY;INTERVAL=0", "whole number from 1"],
    ["FREQ=WEEKLY;BYDAY=XX", "a day is MO"],
    ["FREQ=WEEKLY;BYWEEKNO=4", "has BYWEEKNO, which is not used here"],
    ["FREQ=WEEKLY;FREQ=DAILY", "has FREQ twice"],
    ["FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "give one of the two"],
    ["FREQ=WEEKLY;UNTIL=tomorrow", "no date such as 20261231"],
    ["FREQ=WEEKLY;UNTIL=20261399", "no date such as 20261231"],
    ["FREQ=WEEKLY;UNTIL=20270231", "no date such as 20261231"],
    ["FREQ=WEEKLY;WKST=XX", "has WKST=XX"],
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "has no date in the next five years"],
    ["FREQ=WEEKLY;UNTIL=20261101", "has no date from 2026-12-01 to 2026-11-01"],
    ["every Tuesday at 9am", "names a time of day (9am); give it as time, and here only: every Tuesday"],
    ["first Monday of the month, at half past two", "names a time of day (half past two)"],
    ["every Blursday at 9am", "is not understood"],
  ])("%s is refused", (rule, message) => {
    expect(bodyOf(() => read(rule)).message).toContain(message);
  });

  it.each(["FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "FREQ=YEARLY;BYDAY=MO", "FREQ=YEARLY;BYMONTHDAY=1"])(
    "is shown itself where words would say something else: %s",
    (rule) => {
      expect(repeatsInWords(read(rule).rule, "09:00")).toBe(`by the rule ${read(rule).rule} at 9:00 AM`);
    },
  );

  it("ends on the date that UNTIL or COUNT says, and takes no second end", () => {
    expect(read("FREQ=WEEKLY;UNTIL=20261231T000000Z")).toMatchObject({ ends_on: "2026-12-31" });
    expect(read("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3")).toMatchObject({
      rule: "FREQ=WEEKLY;BYDAY=TU",
      ends_on: "2026-12-15",
    });
    const twice = bodyOf(() => read("FREQ=WEEKLY;COUNT=3", FIRST_DAY, "2027-01-01"));
    expect(twice.message).toContain("ends on 2027-01-01");
    expect(twice.hint).toContain("ends_on: null");
  });

  it("is answered with a hint at the last day where not every month has its day", () => {
    const hint = [expect.stringContaining('say "last day of the month" (BYMONTHDAY=-1)')];
    for (const day of [29, 30, 31]) expect(read(`FREQ=MONTHLY;BYMONTHDAY=${day}`).hints).toEqual(hint);
    expect(read("monthly", "2026-12-31").hints).toEqual(hint);
    expect(read("yearly", "2028-02-29").hints).toEqual(hint);
    for (const rule of ["FREQ=MONTHLY;BYMONTHDAY=28", "last day of the month", "every year on May 31"])
      expect(read(rule).hints).toEqual([]);
  });
});

describe("the dates of a rule", () => {
  it("begin with the first that matches, and count weeks from the first day", () => {
    expect(datesOf("every other Monday", { to: "2027-01-10" })).toEqual(["2026-12-14", "2026-12-28"]);
    expect(datesOf("every other Tuesday", { from: "2026-12-16", to: "2027-01-20" })).toEqual([
      "2026-12-29",
      "2027-01-12",
    ]);
  });

  it("leave out months without the day, and know the last one", () => {
    expect(datesOf("FREQ=MONTHLY;BYMONTHDAY=31")).toEqual(["2026-12-31", "2027-01-31", "2027-03-31"]);
    expect(datesOf("last day of the month")).toEqual([
      "2026-12-31",
      "2027-01-31",
      "2027-02-28",
      "2027-03-31",
    ]);
  });

  it("are none after the end, and none that is skipped", () => {
    const plan = { rule: "FREQ=WEEKLY;BYDAY=TU", first_day: FIRST_DAY };
    const until = { ...plan, ends_on: "2026-12-15", exceptions: ["2026-12-08"] };
    expect(datesBetween(until, { from: "2026-11-01", to: "2027-12-31" })).toEqual([
      "2026-12-01",
      "2026-12-15",
    ]);
    expect(firstDate(until, "2026-12-16")).toBeNull();
  });

  it("are found years ahead", () => {
    const plan = {
      rule: read("yearly", "2028-02-29").rule,
      first_day: "2028-02-29",
      ends_on: null,
      exceptions: [],
    };
    expect(firstDate(plan, "2028-03-01")).toBe("2032-02-29");
    expect(addDays("2027-12-31", 60)).toBe("2028-02-29");
  });
});

function bodyOf(work: () => unknown): CrmError["body"] {
  try {
    work();
  } catch (error) {
    if (error instanceof CrmError) return error.body;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

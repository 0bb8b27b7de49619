import { z } from "zod";

/** `MO`, in the order of Temporal's `dayOfWeek`, which counts from 1. */
export const DAY_CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type DayCode = (typeof DAY_CODES)[number];

export const WORKDAYS: readonly DayCode[] = ["MO", "TU", "WE", "TH", "FR"];

const FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
type Frequency = (typeof FREQUENCIES)[number];

/** A weekday, or with `nth` the first (1), second or last (-1) one of the month. */
export interface RuleDay {
  nth: number | null;
  day: DayCode;
}

/** The parts of an RFC 5545 rule (section 3.3.10) that say days. */
export interface RuleParts {
  frequency: Frequency;
  interval: number;
  months: readonly number[];
  monthDays: readonly number[];
  days: readonly RuleDay[];
  positions: readonly number[];
  weekStart?: DayCode;
}

/** How a rule from outside ends. */
export interface RuleEnd {
  /** The last date: `2026-12-31` */
  until?: string;
  count?: number;
}

/** A rule that cannot be read, as a sentence about it: "names a time of day …". */
export class RuleFault extends Error {}

export const isRule = (text: string): boolean => /\bFREQ\s*=/i.test(text);

const DAY = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/;
const TIMES = ["BYHOUR", "BYMINUTE", "BYSECOND"];
const KNOWN = "FREQ INTERVAL BYDAY BYMONTHDAY BYMONTH BYSETPOS WKST UNTIL COUNT".split(" ");
const MOST_INTERVAL = 400;

/** Reads `FREQ=WEEKLY;BYDAY=MO`, with or without `RRULE:`. Throws RuleFault. */
export function parseRule(text: string): RuleParts & RuleEnd {
  const values = valuesOf(text);
  const numbers = (key: string, most: number) =>
    (values.get(key)?.split(",") ?? []).map((value) => wholeNumber(key, value, { least: -most, most }));
  const named = values.get("FREQ") ?? "";
  const frequency = FREQUENCIES.find((each) => each === named);
  if (!frequency) throw new RuleFault(`has FREQ=${named}; it can be ${FREQUENCIES.join(", ")}`);
  const weekStart = DAY_CODES.find((each) => each === values.get("WKST"));
  if (values.has("WKST") && !weekStart)
    throw new RuleFault(`has WKST=${values.get("WKST")}; it can be ${DAY_CODES.join(", ")}`);
  const end = endOf(values);
  const parts: RuleParts = {
    frequency,
    interval: wholeNumber("INTERVAL", values.get("INTERVAL") ?? "1", { least: 1, most: MOST_INTERVAL }),
    months: (values.get("BYMONTH")?.split(",") ?? []).map((value) =>
      wholeNumber("BYMONTH", value, { least: 1, most: 12 }),
    ),
    monthDays: numbers("BYMONTHDAY", 31),
    days: (values.get("BYDAY")?.split(",") ?? []).map(dayOf),
    positions: numbers("BYSETPOS", 366),
    ...(weekStart && weekStart !== "MO" && { weekStart }),
  };
  checkTogether(parts);
  return { ...parts, ...end };
}

function valuesOf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const rule = text
    .trim()
    .toUpperCase()
    .replace(/^RRULE\s*:/, "");
  for (const part of rule.split(";").filter((each) => each.trim() !== "")) {
    const [key = "", value = "", ...more] = part.split("=").map((each) => each.trim());
    if (TIMES.includes(key)) throw new RuleFault(`names a time of day (${key}); give it as time`);
    if (!KNOWN.includes(key))
      throw new RuleFault(`has ${key}, which is not used here; known: ${KNOWN.join(", ")}`);
    if (value === "" || more.length > 0) throw new RuleFault(`has ${key} without a value`);
    if (values.has(key)) throw new RuleFault(`has ${key} twice`);
    values.set(key, value);
  }
  return values;
}

function wholeNumber(key: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = /^[+-]?\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (value !== 0 && value >= least && value <= most) return value;
  const without = least < 0 ? " without 0" : "";
  throw new RuleFault(`has ${key}=${text}, which is not a whole number from ${least} to ${most}${without}`);
}

function dayOf(text: string): RuleDay {
  const [, nth, code] = DAY.exec(text) ?? [];
  const day = DAY_CODES.find((each) => each === code);
  if (!day) throw new RuleFault(`has BYDAY=${text}; a day is ${DAY_CODES.join(", ")}, or 1MO, -1FR`);
  return { nth: nth === undefined ? null : Number(nth), day };
}

function endOf(values: ReadonlyMap<string, string>): RuleEnd {
  const [until, count] = [values.get("UNTIL"), values.get("COUNT")];
  if (until !== undefined && count !== undefined)
    throw new RuleFault("has UNTIL and COUNT; give one of the two");
  if (count !== undefined) return { count: wholeNumber("COUNT", count, { least: 1, most: 999 }) };
  if (until === undefined) return {};
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?$/.exec(until) ?? [];
  const date = `${year}-${month}-${day}`;
  if (!day || !z.iso.date().safeParse(date).success)
    throw new RuleFault(`has UNTIL=${until}, which is no date such as 20261231`);
  return { until: date };
}

/** What RFC 5545 does not allow together, or what selects nothing. */
function checkTogether({ frequency, monthDays, days, positions }: RuleParts): void {
  const often = frequency === "DAILY" || frequency === "WEEKLY";
  if (frequency === "WEEKLY" && monthDays.length > 0)
    throw new RuleFault("has BYMONTHDAY with FREQ=WEEKLY; use FREQ=MONTHLY");
  for (const { nth, day } of days) {
    if (nth === null) continue;
    if (often) throw new RuleFault(`has ${nth}${day} with FREQ=${frequency}; use FREQ=MONTHLY`);
    if (nth === 0 || Math.abs(nth) > (frequency === "MONTHLY" ? 5 : 53))
      throw new RuleFault(`has ${nth}${day}, and no month has that`);
  }
  if (positions.length > 0 && days.length === 0 && monthDays.length === 0)
    throw new RuleFault("has BYSETPOS without days to choose from");
}

/** The rule as it is stored. */
export function formatRule(parts: RuleParts): string {
  const list = (key: string, values: readonly (string | number)[]) =>
    values.length > 0 ? [`${key}=${values.join(",")}`] : [];
  return [
    `FREQ=${parts.frequency}`,
    ...(parts.interval > 1 ? [`INTERVAL=${parts.interval}`] : []),
    ...list("BYMONTH", parts.months),
    ...list("BYMONTHDAY", parts.monthDays),
    ...list(
      "BYDAY",
      parts.days.map(({ nth, day }) => `${nth ?? ""}${day}`),
    ),
    ...list("BYSETPOS", parts.positions),
    ...(parts.weekStart ? [`WKST=${parts.weekStart}`] : []),
  ].join(";");
}

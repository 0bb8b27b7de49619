import { Temporal } from "temporal-polyfill";
import { WEEKDAYS } from "../../core/time.ts";
import { DAY_CODES, type DayCode, formatRule, type RuleParts, WORKDAYS } from "./rfc5545.ts";

/** For a person: `every other Tuesday`, `on the first Monday of every month`. */
export function ruleInWords(parts: RuleParts): string {
  if (hasNoWords(parts)) return `by the rule ${formatRule(parts)}`;
  switch (parts.frequency) {
    case "DAILY":
      return `${every(parts.interval, "day")}${only(parts)}`;
    case "WEEKLY":
      return `${weeks(parts)}${inMonths(parts)}`;
    case "MONTHLY":
      return `on the ${daysOfMonth(parts)} of ${every(parts.interval, "month")}${inMonths(parts)}`;
    case "YEARLY":
      return `${every(parts.interval, "year")}${ofYear(parts)}`;
  }
}

/** Days of the month that are also weekdays, and weekdays or days of a year without its months: words would mislead. */
const hasNoWords = ({ frequency, days, monthDays, months }: RuleParts): boolean =>
  (frequency === "MONTHLY" && days.length > 0 && monthDays.length > 0) ||
  (frequency === "YEARLY" && months.length === 0 && (days.length > 0 || monthDays.length > 0));

const list = (items: readonly string[]): string => new Intl.ListFormat("en-US").format(items);

/** `every day`, `every other day`, `every 3 days` */
function every(interval: number, unit: string): string {
  if (interval === 1) return `every ${unit}`;
  return interval === 2 ? `every other ${unit}` : `every ${interval} ${unit}s`;
}

const nameOf = (day: DayCode): string => {
  const name = WEEKDAYS[DAY_CODES.indexOf(day)] ?? "";
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
};

const isWorkdays = (days: readonly { day: DayCode }[]): boolean =>
  days.length === WORKDAYS.length && days.every(({ day }) => WORKDAYS.includes(day));

function weeks({ interval, days }: RuleParts): string {
  const named = isWorkdays(days) ? "weekday" : list(days.map(({ day }) => nameOf(day)));
  if (interval === 1) return `every ${named}`;
  if (interval === 2 && days.length === 1) return `every other ${named}`;
  return `${every(interval, "week")} on ${isWorkdays(days) ? "weekdays" : named}`;
}

const only = ({ days, monthDays, months }: RuleParts): string =>
  [
    ...(days.length > 0 ? [`, only on ${list(days.map(({ day }) => `${nameOf(day)}s`))}`] : []),
    ...(monthDays.length > 0 ? [`, only on the ${list(monthDays.map(dayOfMonth))}`] : []),
    ...(months.length > 0 ? [` in ${list(months.map(monthName))}`] : []),
  ].join("");

const inMonths = ({ months }: RuleParts): string =>
  months.length > 0 ? `, in ${list(months.map(monthName))}` : "";

const monthName = (month: number): string =>
  Temporal.PlainDate.from({ year: 2026, month, day: 1 }).toLocaleString("en-US", { month: "long" });

function daysOfMonth({ days, monthDays, positions }: RuleParts): string {
  if (monthDays.length > 0) return list(monthDays.map(dayOfMonth));
  const named = days.map(({ nth, day }) => (nth === null ? nameOf(day) : `${place(nth)} ${nameOf(day)}`));
  if (positions.length === 0) return list(named);
  return `${list(positions.map(place))} ${isWorkdays(days) ? "weekday" : list(named)}`;
}

const dayOfMonth = (day: number): string => (day > 0 ? ordinal(day) : `${place(day)} day`);

const PLACES: Readonly<Record<number, string>> = {
  1: "first",
  2: "second",
  3: "third",
  4: "fourth",
  5: "fifth",
};

const place = (nth: number): string => {
  if (nth === -1) return "last";
  return nth < 0 ? `${PLACES[-nth] ?? ordinal(-nth)} last` : (PLACES[nth] ?? ordinal(nth));
};

const SUFFIXES: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd", other: "th" };
const rules = new Intl.PluralRules("en-US", { type: "ordinal" });
const ordinal = (number: number): string => `${number}${SUFFIXES[rules.select(number)] ?? "th"}`;

function ofYear({ months, monthDays, days, positions }: RuleParts): string {
  const named = months.map(monthName);
  if (months.length > 0 && monthDays.length > 0 && monthDays.every((day) => day > 0))
    return ` on ${list(named.flatMap((month) => monthDays.map((day) => `${month} ${day}`)))}`;
  if (days.length === 0 && monthDays.length === 0) return named.length > 0 ? ` in ${list(named)}` : "";
  const within = daysOfMonth({ frequency: "YEARLY", interval: 1, months, monthDays, days, positions });
  return ` on the ${within}${named.length > 0 ? ` of ${list(named)}` : ""}`;
}

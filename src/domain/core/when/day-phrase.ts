import { Temporal } from "temporal-polyfill";
import { type Form, formsOf, matchForm } from "./forms.ts";
import { monthName } from "./names.ts";
import type { Token } from "./tokens.ts";
import { type Refusal, unread } from "./types.ts";

/** A month by its name, or by its distance from this month. */
export type MonthOf = { month: number; year: number | null } | { ahead: number };

export interface DatePhrase {
  kind: "date";
  /** `null`: the next such day. */
  year: number | null;
  month: number;
  day: number;
}

/** What a text says of a day, before it is known when and where it was said. */
export type DayPhrase =
  | DatePhrase
  /** `1/2/2026`; the country says which is the month. */
  | { kind: "numeric"; first: number; second: number; year: number | null }
  | { kind: "day of month"; day: number }
  /** Some of `LENGTHS[unit]` after a day, or after today. */
  | { kind: "offset"; count: number; unit: number; from: DayPhrase | null }
  /** `week`: distance from this week; `null` is the nearest such day from today on. */
  | { kind: "weekday"; weekday: number; week: number | null }
  /** The most recent one before today. */
  | { kind: "last weekday"; weekday: number }
  /** The nth such weekday, or the nth day, of a month; -1 is the last. */
  | { kind: "in month"; nth: number; weekday: number | null; month: MonthOf }
  /** A day and the weekday that it is said to be. */
  | { kind: "checked"; weekday: number; day: DayPhrase };

const date = (month: number, day: number, year: number | null = null): DatePhrase => ({
  kind: "date",
  year,
  month,
  day,
});
const offset = (count: number, unit = 0): DayPhrase => ({ kind: "offset", count, unit, from: null });
const weekdayOf = (weekday: number, week: number | null = null): DayPhrase => ({
  kind: "weekday",
  weekday,
  week,
});
const inMonth = (nth: number, weekday: number | null, month: MonthOf): DayPhrase => ({
  kind: "in month",
  nth,
  weekday,
  month,
});

export const TODAY = offset(0);

const FORMS: Form<DayPhrase>[] = formsOf<DayPhrase>({
  today: () => offset(0),
  tomorrow: () => offset(1),
  yesterday: () => offset(-1),
  "day after tomorrow": () => offset(2),
  "day before yesterday": () => offset(-2),
  "<weekday>": (weekday) => weekdayOf(weekday),
  "<which> <weekday>": (which, weekday) =>
    which === -1 ? { kind: "last weekday", weekday } : weekdayOf(weekday, which),
  "<weekday> <which> week": (weekday, which) => weekdayOf(weekday, which),
  "<which> week <weekday>": (which, weekday) => weekdayOf(weekday, which),
  "in? <count> <unit>": (count, unit) => offset(count, unit),
  "<count> <unit> from now": (count, unit) => offset(count, unit),
  "<count> <unit> ago": (count, unit) => offset(-count, unit),
  "<month> <day> <year>?": (month, day, year) => date(month, day, year),
  "<day> <month> <year>?": (day, month, year) => date(month, day, year),
  "<ordinal>": (day) => ({ kind: "day of month", day }),
  "<nth> <weekday> in? <month> <year>?": (nth, weekday, ...month) => inMonth(nth, weekday, named(month)),
  "<nth> <weekday> in? <which>? month": (nth, weekday, ahead = 0) => inMonth(nth, weekday, { ahead }),
  "<edge> <month> <year>?": (edge, ...month) => inMonth(edge, null, named(month)),
  "<edge> <which>? month": (edge, ahead = 0) => inMonth(edge, null, { ahead }),
  "<nth> day in? <month> <year>?": (nth, ...month) => inMonth(nth, null, named(month)),
  "<nth> day in? <which>? month": (nth, ahead = 0) => inMonth(nth, null, { ahead }),
  "end year": () => date(12, 31),
});

const named = ([month = 1, year]: number[]): MonthOf => ({ month, year: year ?? null });

/** What the tokens say of one day; `null` if they are no such words. */
export function parseDay(tokens: readonly Token[]): DayPhrase | null {
  const [first, ...rest] = tokens;
  if (first?.text === "at") return rest[0]?.text === "at" ? null : parseDay(rest);
  return matchForm(FORMS, tokens) ?? inDigits(tokens) ?? counted(tokens) ?? checked(tokens);
}

/** `2026-01-15`, `20260115`, `1/15/2026`, `1/15`, `1/15 2026` */
function inDigits(tokens: readonly Token[]): DayPhrase | null {
  const [token, next, ...more] = tokens;
  if (!token || more.length > 0) return null;
  if (token.kind === "date" && !next) return yearFirst(token.text);
  if (token.kind !== "numeric") return null;
  const [first = "", second = "", written = next?.text ?? ""] = token.text.split(/[/.-]/);
  if (next && (token.text.length > 5 || !/^(19|20|21)\d\d$/.test(next.text))) return null;
  const year = written.length === 2 ? 2000 + Number(written) : Number(written);
  return {
    kind: "numeric",
    first: Number(first),
    second: Number(second),
    year: written === "" ? null : year,
  };
}

function yearFirst(text: string): DayPhrase {
  const digits = /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : text;
  const [year = 0, month = 0, day = 0] = digits.split(/[/-]/).map(Number);
  return date(month, day, year);
}

const COUNTS: Form<{ count: number; unit: number }>[] = formsOf({
  "<count> <unit>": (count: number, unit: number) => ({ count, unit }),
});

/** `two weeks from Friday` */
function counted(tokens: readonly Token[]): DayPhrase | null {
  if (tokens[2]?.text !== "from") return null;
  const length = matchForm(COUNTS, tokens.slice(0, 2));
  const from = length && parseDay(tokens.slice(3));
  return length && from && { kind: "offset", ...length, from };
}

/** `Friday, January 16` and `2026-01-16 (Friday)` */
const checked = (tokens: readonly Token[]): DayPhrase | null =>
  checkedBy(tokens[0], tokens.slice(1)) ?? checkedBy(tokens.at(-1), tokens.slice(0, -1));

function checkedBy(name: Token | undefined, rest: readonly Token[]): DayPhrase | null {
  const said = name && matchForm(FORMS, [name]);
  const day = said?.kind === "weekday" ? (matchForm(FORMS, rest) ?? inDigits(rest)) : null;
  if (said?.kind !== "weekday" || !day) return null;
  const fits = day.kind === "date" || day.kind === "numeric" || day.kind === "day of month";
  return fits ? { kind: "checked", weekday: said.weekday, day } : null;
}

const MONTH_FIRST: ReadonlySet<string> = new Set(["US", "PH", "FM", "GU", "PR"]);

/** In the order of the country, unless only the other order has a month. */
export function inOrder(
  { first, second, year }: Extract<DayPhrase, { kind: "numeric" }>,
  country: string,
): DatePhrase {
  const monthFirst = MONTH_FIRST.has(country.toUpperCase())
    ? first <= 12 || second > 12
    : second > 12 && first <= 12;
  return monthFirst ? date(first, second, year) : date(second, first, year);
}

/** Why the day is in no calendar; `null` if it may exist. Which days are near is in the readings if the year is known. */
export function calendarFault(phrase: DayPhrase, country: string): Refusal | null {
  switch (phrase.kind) {
    case "date":
      return dateFault(phrase);
    case "numeric":
      return dateFault(inOrder(phrase, country));
    case "day of month":
      return phrase.day >= 1 && phrase.day <= 31 ? null : unread(`no month has a day ${phrase.day}`);
    case "offset":
      return phrase.from && calendarFault(phrase.from, country);
    case "checked":
      return calendarFault(phrase.day, country);
    default:
      return null;
  }
}

function dateFault({ year, month, day }: DatePhrase): Refusal | null {
  if (month < 1 || month > 12)
    return unread(`there is no month ${month}`, year === null ? [] : nearDates(year, month, day));
  const days = Temporal.PlainYearMonth.from({ year: year ?? 2024, month }).daysInMonth; // 2024 had a February 29.
  if (day >= 1 && day <= days) return null;
  const has = `${monthName(month)} ${year === null ? "has at most" : `${year} has`} ${days} days`;
  return unread(
    `${monthName(month)} ${day} does not exist: ${has}`,
    year === null ? [] : nearDates(year, month, day),
  );
}

/** The days around one that does not exist. */
export function nearDates(year: number, month: number, day: number): string[] {
  const clamped = Temporal.PlainDate.from(
    { year, month: Math.max(month, 1), day: Math.max(day, 1) },
    { overflow: "constrain" },
  );
  const other = month > 12 ? { months: 1 } : { days: day < 1 || month < 1 ? -1 : 1 };
  return [clamped.toString(), clamped.add(other).toString()].filter((near) => /^\d{4}-/.test(near));
}

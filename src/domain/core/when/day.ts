import { Temporal } from "temporal-polyfill";
import { TOO_FAR_AHEAD } from "../calendar.ts";
import { localTime } from "../time.ts";
import {
  calendarFault,
  type DatePhrase,
  type DayPhrase,
  inOrder,
  type MonthOf,
  nearDates,
} from "./day-phrase.ts";
import { LENGTHS } from "./forms.ts";
import { weekdayName } from "./names.ts";
import { type Options, type Read, read, type Reference, type Refusal, unread } from "./types.ts";

type Day = Temporal.PlainDate;

/** How to choose where a phrase names a day of any year or month: the next one from a day on, the nearest, the last. */
export interface Around {
  today: Day;
  choose: "from" | "near" | "until";
  country: string;
}

export const isBefore = (one: Day, other: Day): boolean => Temporal.PlainDate.compare(one, other) < 0;
export const mondayOf = (day: Day): Day => day.subtract({ days: day.dayOfWeek - 1 });
export const nextWeekday = (weekday: number, from: Day): Day =>
  from.add({ days: (weekday - from.dayOfWeek + 7) % 7 });

export const aroundOf = ({ now, zone, country }: Reference, { past, ahead }: Options): Around => ({
  today: localTime(now, zone).toPlainDate(),
  choose: past && !ahead ? "near" : "from",
  country,
});

/** The day, whether it is past or not. */
export function resolveDay(phrase: DayPhrase, around: Around): Read<Day> {
  const { today } = around;
  switch (phrase.kind) {
    case "date":
      return dateIn(phrase, around);
    case "numeric":
      return dateIn(inOrder(phrase, around.country), around);
    case "day of month":
      return calendarFault(phrase, around.country) ?? read(chosen(daysOfMonths(phrase.day, today), around));
    case "offset":
      return offsetFrom(phrase, around);
    case "weekday":
      return read(
        phrase.week === null
          ? nextWeekday(phrase.weekday, today)
          : mondayOf(today).add({ days: 7 * phrase.week + phrase.weekday - 1 }),
      );
    case "last weekday":
      return read(nextWeekday(phrase.weekday, today.subtract({ days: 7 })));
    case "in month":
      return inMonth(phrase, around);
    case "checked":
      return checkedDay(phrase, around);
  }
}

const dateOf = (year: number, month: number, day: number): Day | null =>
  day <= Temporal.PlainYearMonth.from({ year, month }).daysInMonth
    ? Temporal.PlainDate.from({ year, month, day })
    : null;

/** Years until February 29 comes again, where a century has no leap day. */
const LEAP = 8;
const yearsAround = ({ year }: Day): number[] =>
  Array.from({ length: 2 * LEAP + 1 }, (_, i) => year - LEAP + i);
const existing = (days: readonly (Day | null)[]): Day[] => days.filter((day) => day !== null);

function dateIn(phrase: DatePhrase, around: Around): Read<Day> {
  const { year, month, day } = phrase;
  const fault = calendarFault(phrase, around.country);
  if (fault) return nearFault(fault, phrase, around);
  const years = year === null ? yearsAround(around.today) : [year];
  return read(chosen(existing(years.map((each) => dateOf(each, month, day))), around));
}

/** Adds to the fault the days that do exist nearby. */
function nearFault({ fault }: Refusal, { year, month, day }: DatePhrase, { today, choose }: Around): Refusal {
  const near = (of: number): Day[] => nearDates(of, month, day).map((text) => Temporal.PlainDate.from(text));
  const days = near(year ?? today.year);
  const allowed = choose !== "from" ? days : days.filter((each) => !isBefore(each, today));
  const useful = allowed.length > 0 || year !== null ? allowed : near(today.year + 1);
  return unread(fault.message, useful.map(String));
}

function daysOfMonths(day: number, today: Day): Day[] {
  const months = [-2, -1, 0, 1, 2].map((ahead) => today.with({ day: 1 }).add({ months: ahead }));
  return existing(months.map(({ year, month }) => dateOf(year, month, day)));
}

/** One of some days in ascending order; the only one, if there is one. */
function chosen(days: readonly Day[], { today, choose }: Around): Day {
  const before = days.filter((day) => isBefore(day, today)).at(-1);
  const after = days.find((day) => !isBefore(day, today));
  if (choose === "until") return (after?.equals(today) ? after : before) ?? after ?? today;
  if (choose === "from" || !before || !after) return after ?? before ?? today;
  return today.until(after).days < before.until(today).days ? after : before;
}

function offsetFrom(phrase: Extract<DayPhrase, { kind: "offset" }>, around: Around): Read<Day> {
  const from = phrase.from ? resolveDay(phrase.from, around) : read(around.today);
  if (!from.ok) return from;
  return read(from.value.add(lengthTimes(phrase.unit, phrase.count)));
}

/** Some of a length that a number counts. */
export function lengthTimes(unit: number, count: number): Temporal.Duration {
  const { days, weeks, months, years } = Temporal.Duration.from(LENGTHS[unit] ?? LENGTHS[0]);
  return Temporal.Duration.from({
    days: days * count,
    weeks: weeks * count,
    months: months * count,
    years: years * count,
  });
}

type InMonth = Extract<DayPhrase, { kind: "in month" }>;

function inMonth({ nth, weekday, month }: InMonth, around: Around): Read<Day> {
  const days = monthsOf(month, around.today).map((first) => nthOf(first, nth, weekday));
  if (existing(days).length > 0) return read(chosen(existing(days), around));
  const last = monthsOf(month, around.today).map((first) => nthOf(first, -1, weekday));
  const near = chosen(existing(last), around);
  return unread("does not exist: that month has no fifth one", [near.toString()]);
}

/** The first days of the months that may be meant. */
function monthsOf(month: MonthOf, today: Day): Day[] {
  if ("ahead" in month) return [today.with({ day: 1 }).add({ months: month.ahead })];
  const years = month.year === null ? yearsAround(today) : [month.year];
  return years.map((year) => Temporal.PlainDate.from({ year, month: month.month, day: 1 }));
}

function nthOf(first: Day, nth: number, weekday: number | null): Day | null {
  const last = first.with({ day: first.daysInMonth });
  if (nth === -1) return weekday === null ? last : nextWeekday(weekday, last.subtract({ days: 6 }));
  const day =
    weekday === null
      ? first.add({ days: nth - 1 })
      : nextWeekday(weekday, first).add({ days: 7 * (nth - 1) });
  return day.month === first.month ? day : null;
}

function checkedDay({ weekday, day }: Extract<DayPhrase, { kind: "checked" }>, around: Around): Read<Day> {
  const date = resolveDay(day, around);
  if (!date.ok || date.value.dayOfWeek === weekday) return date;
  const near = nextWeekday(weekday, date.value.subtract({ days: 3 }));
  const days = [date.value, near].filter((each) => around.choose !== "from" || !isBefore(each, around.today));
  return unread(
    `names two different days: ${date.value.toString()} is a ${weekdayName(date.value.dayOfWeek)}, not a ${weekdayName(weekday)}`,
    days.map(String),
  );
}

const YEARS_AHEAD = 5;

/** Refuses a day that is too far ahead. */
export const farFault = (day: Day, today: Day): Refusal | null =>
  isBefore(today.add({ years: YEARS_AHEAD }), day) ? unread(TOO_FAR_AHEAD) : null;

/** The day, if it may be meant: no year that must be a mistake, and not past without `past`. */
export function readDayPhrase(phrase: DayPhrase, reference: Reference, options: Options): Read<Day> {
  const around = aroundOf(reference, options);
  const day = resolveDay(phrase, around);
  if (!day.ok) return day;
  const far = farFault(day.value, around.today);
  if (far || options.past || !isBefore(day.value, around.today)) return far ?? day;
  return unread(
    `is past: it means ${day.value.toString()}, and today is ${around.today.toString()}`,
    laterDays(phrase, around).map(String),
  );
}

/** The days from today on that may have been meant by a phrase for a past day. */
export const laterDays = (phrase: DayPhrase, around: Around): Day[] =>
  possiblyMeant(phrase, around).filter((day) => !farFault(day, around.today));

function possiblyMeant(phrase: DayPhrase, around: Around): Day[] {
  const { today } = around;
  switch (phrase.kind) {
    case "date":
    case "numeric":
    case "in month":
      return valuesOf([resolveDay(withoutYear(phrase), { ...around, choose: "from" })]);
    case "weekday":
    case "last weekday":
      return [nextWeekday(phrase.weekday, today)];
    case "offset":
      if (phrase.count === -1 && phrase.unit === 0) return [today, today.add({ days: 1 })];
      return valuesOf([resolveDay({ ...phrase, count: Math.abs(phrase.count) }, around)]);
    default:
      return [today];
  }
}

const valuesOf = (reads: Read<Day>[]): Day[] => reads.flatMap((each) => (each.ok ? [each.value] : []));

function withoutYear(phrase: Extract<DayPhrase, { kind: "date" | "numeric" | "in month" }>): DayPhrase {
  if (phrase.kind !== "in month") return { ...phrase, year: null };
  const { month } = phrase;
  return { ...phrase, month: "ahead" in month ? { ahead: month.ahead + 1 } : { ...month, year: null } };
}

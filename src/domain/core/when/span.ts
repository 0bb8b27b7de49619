import type { Temporal } from "temporal-polyfill";
import { calendarFault, type DayPhrase } from "./day-phrase.ts";
import {
  type Around,
  aroundOf,
  farFault,
  isBefore,
  lengthTimes,
  mondayOf,
  readDayPhrase,
  resolveDay,
} from "./day.ts";
import type { SpanPhrase } from "./span-phrase.ts";
import { type Options, type Read, read, type Reference, type Refusal, type Span, unread } from "./types.ts";

type Day = Temporal.PlainDate;

function resolveSpan(phrase: Exclude<SpanPhrase, { kind: "day" }>, around: Around): Read<Span> {
  const { today } = around;
  switch (phrase.kind) {
    case "week of":
      return spanOf(resolveDay(phrase.day, inThisWeek(phrase.day, around)), (day) => weekFrom(mondayOf(day)));
    case "month of":
      return read(monthOf(phrase, around));
    case "length":
      return read(lengthOf(phrase, today));
    case "between":
      return between(phrase, around);
    default:
      return read(period(phrase, today));
  }
}

const spanOf = (day: Read<Day>, make: (day: Day) => Span): Read<Span> =>
  day.ok ? read(make(day.value)) : day;
const weekFrom = (monday: Day): Span => ({ from: monday, to: monday.add({ days: 6 }) });

const isDate = ({ kind }: DayPhrase): boolean =>
  kind === "date" || kind === "numeric" || kind === "day of month";

/** The week of March 3 is this one until it ends, although March 3 itself may be over. */
const inThisWeek = (day: DayPhrase, around: Around): Around =>
  isDate(day) ? { ...around, today: mondayOf(around.today) } : around;

/** The current period begins today: what is over of it is not meant. */
function period({ kind, ahead }: Extract<SpanPhrase, { ahead: number }>, today: Day): Span {
  const week = weekFrom(mondayOf(today).add({ weeks: ahead }));
  if (kind === "weekend") return { from: week.to.subtract({ days: 1 }), to: week.to };
  if (kind === "week") return { from: ahead === 0 ? today : week.from, to: week.to };
  const start = kind === "month" ? { day: 1 } : { month: 1, day: 1 };
  const first = today.with(start).add(kind === "month" ? { months: ahead } : { years: ahead });
  const end = first.add(kind === "month" ? { months: 1 } : { years: 1 }).subtract({ days: 1 });
  return { from: ahead === 0 ? today : first, to: end };
}

/** Without a year, and without a past, the month that is now begins today. */
function monthOf({ month, year }: Extract<SpanPhrase, { month: number }>, around: Around): Span {
  const thisMonth = around.today.with({ day: 1 });
  const day: DayPhrase = { kind: "date", month, day: 1, year };
  const resolved = resolveDay(day, { ...around, today: thisMonth });
  const first = resolved.ok ? resolved.value : thisMonth; // Every month has a first day.
  const to = first.with({ day: first.daysInMonth });
  const running = year === null && around.choose === "from" && first.equals(thisMonth);
  return { from: running ? around.today : first, to };
}

/** `next 7 days` are today and six more, `last 7 days` the six before and today. */
function lengthOf({ count, unit }: Extract<SpanPhrase, { count: number }>, today: Day): Span {
  const end = today.add(lengthTimes(unit, count));
  return count < 0
    ? { from: end.add({ days: 1 }), to: today }
    : { from: today, to: end.subtract({ days: 1 }) };
}

type Between = Extract<SpanPhrase, { kind: "between" }>;

/**
 * A running span is meant until it ends: of two dates without a year, the last one is found first. Weekdays are found
 * from the first one on.
 */
function between({ from, to }: Between, around: Around): Read<Span> {
  const alike = (from.kind === "day of month") === (to.kind === "day of month");
  const backwards = isYearless(from) && isDate(to) && alike;
  const start = backwards ? null : resolveDay(from, around);
  if (start && !start.ok) return start;
  const end = resolveDay(to, start ? endAround(to, start.value, around) : around);
  if (!end.ok) return end;
  const found = start ?? resolveDay(from, { ...around, today: end.value, choose: "until" });
  if (!found.ok) return found;
  const span = { from: found.value, to: end.value };
  return isBefore(span.to, span.from) ? backwardsFault(span) : read(span);
}

const isYearless = (phrase: DayPhrase): boolean =>
  phrase.kind === "day of month" ||
  ((phrase.kind === "date" || phrase.kind === "numeric") && phrase.year === null);

function endAround(to: DayPhrase, start: Day, around: Around): Around {
  const follows = isYearless(to) || (to.kind === "weekday" && to.week === null);
  return follows ? { ...around, today: start, choose: "from" } : around;
}

const backwardsFault = ({ from, to }: Span): Refusal =>
  unread(`ends before it begins: ${from.toString()} to ${to.toString()}`, [to.toString(), from.toString()]);

/** Why a day in the phrase is in no calendar, whatever the country. */
export function spanFault(phrase: SpanPhrase): Refusal | null {
  if ("day" in phrase) return calendarFault(phrase.day, "");
  return phrase.kind === "between" ? (calendarFault(phrase.from, "") ?? calendarFault(phrase.to, "")) : null;
}

/** The span, if it may be meant: it ends neither too far ahead nor, without `past`, before today. */
export function readSpanPhrase(phrase: SpanPhrase, reference: Reference, options: Options): Read<Span> {
  const single = (day: Day): Span => ({ from: day, to: day });
  if (phrase.kind === "day") return spanOf(readDayPhrase(phrase.day, reference, options), single);
  const around = aroundOf(reference, options);
  const span = resolveSpan(phrase, around);
  if (!span.ok) return span;
  const { from, to } = span.value;
  const far = farFault(to, around.today);
  if (far || options.past || !isBefore(to, around.today)) return far ?? span;
  return unread(
    `is past: it ends on ${to.toString()}, and today is ${around.today.toString()}`,
    "ahead" in phrase ? [around.today.toString()] : [nextYears(from, around.today).toString()],
  );
}

/** The same day in the first year in which it is ahead. */
function nextYears(day: Day, today: Day): Day {
  const sameYear = day.with({ year: today.year });
  return isBefore(sameYear, today) ? day.with({ year: today.year + 1 }) : sameYear;
}

import { Temporal } from "temporal-polyfill";
import { localTime } from "../time.ts";
import { inHalf, NOON, plainTime, timeInWords } from "./clock.ts";
import { type DayPhrase, TODAY } from "./day-phrase.ts";
import { type Around, aroundOf, farFault, isBefore, laterDays, readDayPhrase, resolveDay } from "./day.ts";
import type { MomentPhrase } from "./moment-phrase.ts";
import type { TimePhrase } from "./time-phrase.ts";
import { exactly, instantOf, resolveTime } from "./time.ts";
import { type MomentReading, type Options, type Read, read, type Reference, unread } from "./types.ts";
import type { TimeReading } from "./types.ts";

type Day = Temporal.PlainDate;
const MINUTE_MS = 60_000;

/** The moment, if it may be meant: neither too far ahead nor, without `past`, over. */
export function readMomentPhrase(
  phrase: MomentPhrase,
  reference: Reference,
  options: Options,
): Read<MomentReading> {
  if (phrase.kind === "instant") return instantReading(phrase.at, reference, options);
  if (phrase.kind === "elapsed") {
    return instantReading(elapsedAt(phrase.minutes, reference), reference, options);
  }
  const day = phrase.kind === "time" ? TODAY : phrase.day;
  if (phrase.time) return dayAndTime({ day, time: phrase.time }, reference, options);
  const date = readDayPhrase(day, reference, options);
  return date.ok ? read({ date: date.value, time: null, instant: null }) : date;
}

/** A moment ahead is a full minute, the first one from then on: nobody is visited at 10:00:17. */
function elapsedAt(minutes: number, { now }: Reference): Date {
  const at = now.getTime() + minutes * MINUTE_MS;
  return new Date(minutes > 0 ? Math.ceil(at / MINUTE_MS) * MINUTE_MS : at);
}

function instantReading(at: Date, { now, zone }: Reference, { past }: Options): Read<MomentReading> {
  const local = localTime(at, zone);
  const here = localTime(now, zone);
  const far = farFault(local.toPlainDate(), here.toPlainDate());
  if (far) return far;
  if (!past && at < now) {
    const later = sameTimeLater(local, here);
    return unread(`is past: it means ${textOf(local.toPlainDateTime())}`, [textOf(later)]);
  }
  return read({ date: local.toPlainDate(), time: exactly(local.toPlainTime()), instant: at });
}

/** The same time tomorrow if it was today, or on the same day of the next year. */
function sameTimeLater(at: Temporal.ZonedDateTime, now: Temporal.ZonedDateTime): Temporal.PlainDateTime {
  const date = at.toPlainDate();
  const tomorrow = now.toPlainDate().add({ days: 1 });
  if (!isBefore(date, now.toPlainDate())) return tomorrow.toPlainDateTime(at.toPlainTime());
  const sameYear = date.with({ year: tomorrow.year });
  const day = isBefore(sameYear, tomorrow) ? date.with({ year: tomorrow.year + 1 }) : sameYear;
  return day.toPlainDateTime(at.toPlainTime());
}

/** `2026-01-15T08:00` */
const textOf = (at: Temporal.PlainDateTime): string => at.toString({ smallestUnit: "minute" });

interface Said {
  day: DayPhrase;
  time: TimePhrase;
}

function dayAndTime(said: Said, reference: Reference, options: Options): Read<MomentReading> {
  const around = aroundOf(reference, options);
  const time = resolveTime(said.time, reference);
  const day = resolveDay(said.day, around);
  if (!day.ok) return unread(day.fault.message, timesOn(day.fault.readings.map(dateFrom), time));
  const isBare = said.day.kind === "weekday" && said.day.week === null;
  const date = isBare && isOver(day.value, time, reference) ? day.value.add({ days: 7 }) : day.value;
  const far = farFault(date, around.today);
  if (far) return far;
  if (options.past || !isOver(date, time, reference)) return read(readingOf(date, time, reference));
  return unread(overMessage(date, time, around), laterMoments({ said, time, date }, reference, around));
}

const dateFrom = (text: string): Day => Temporal.PlainDate.from(text);

const readingOf = (date: Day, time: TimeReading, { zone }: Reference): MomentReading => ({
  date,
  time,
  instant: time.kind === "exact" ? instantOf(date, time.at, zone) : null,
});

/** A time before now is over, and a range that has ended. */
function isOver(date: Day, time: TimeReading, { now, zone }: Reference): boolean {
  const today = localTime(now, zone).toPlainDate();
  if (!date.equals(today)) return isBefore(date, today);
  if (time.kind === "exact") return instantOf(date, time.at, zone) < now;
  return time.kind === "range" && time.to !== null && instantOf(date, time.to, zone) <= now;
}

function overMessage(date: Day, time: TimeReading, { today }: Around): string {
  const end = time.kind === "range" ? time.to : time.kind === "exact" ? time.at : null;
  if (!date.equals(today) || !end)
    return `is past: it means ${date.toString()}, and today is ${today.toString()}`;
  return `is past: ${timeInWords(end)} today is over`;
}

interface Over {
  said: Said;
  time: TimeReading;
  date: Day;
}

/** The moments from now on that may have been meant. */
function laterMoments({ said, time, date }: Over, reference: Reference, around: Around): string[] {
  const tomorrow = around.today.add({ days: 1 });
  const weekly = said.day.kind === "weekday" ? date.add({ days: 7 }) : tomorrow;
  const days = date.equals(around.today) ? [weekly] : laterDays(said.day, around);
  const ahead = [...days, tomorrow]
    .filter((day) => !isOver(day, time, reference))
    .slice(0, Math.max(days.length, 1));
  return [...otherHalf({ said, time, date }, reference), ...timesOn(ahead, time)];
}

/** `today at 8` may have meant this evening. */
function otherHalf({ said, date }: Over, reference: Reference): string[] {
  if (said.time.kind !== "exact" || !said.time.bare) return [];
  const minutes = said.time.at.hour * 60 + said.time.at.minute;
  const evening = plainTime(inHalf(minutes * 60_000, 12));
  if (minutes * 60_000 >= NOON || isOver(date, exactly(evening), reference)) return [];
  return timesOn([date], exactly(evening));
}

/** Local date-times at which the time begins on these days; dates if it has no beginning. */
function timesOn(days: readonly Day[], time: TimeReading): string[] {
  const at = time.kind === "exact" ? time.at : time.kind === "range" ? (time.from ?? time.to) : null;
  return days.map((day) => (at ? textOf(day.toPlainDateTime(at)) : day.toString()));
}

import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { boundsOf } from "../core/calendar.ts";
import { validationFailed } from "../core/errors.ts";
import type { Asked } from "../core/record-type.ts";
import { ISO_MOMENT, instantIn } from "../core/time.ts";
import {
  couldBe,
  faultText,
  instantOf,
  type Read,
  readMoment,
  readSpan,
  type TimeReading,
} from "../core/when/index.ts";

/** A day, or a date and time, in a filter: words or ISO. Read where the zone is known. */
export const whenWords = z.string().min(1).max(80);

const YEARS = { first: 1, last: 9_999 };

/** Refuses days that PostgreSQL and the calendar of the business do not share. */
function inRange(days: Days, { path }: Asked): Days {
  if (days.from.year >= YEARS.first && days.to.year <= YEARS.last) return days;
  throw validationFailed([{ path, message: `is outside of the years ${YEARS.first} to ${YEARS.last}` }]);
}

const value = <T>(read: Read<T>, { path }: Asked): T => {
  if (read.ok) return read.value;
  throw validationFailed([{ path, message: faultText(read.fault) }]);
};

const ISO = { day: /^\d{4}-\d{2}-\d{2}$/, moment: ISO_MOMENT };

/** ISO may be of any year, because a filter may be wide. */
const isIso = (kind: "day" | "moment", text: string): boolean =>
  ISO[kind].test(text) && couldBe(kind, text).ok;

interface Days {
  from: Temporal.PlainDate;
  to: Temporal.PlainDate;
}

/** The days that the words mean, both included. */
export function daysOf(words: string, asked: Asked): Days {
  if (!isIso("day", words)) return inRange(value(readSpan(words, asked, { past: true }), asked), asked);
  const day = Temporal.PlainDate.from(words);
  return { from: day, to: day };
}

/** The day that the words mean. Throws `validation_failed` for a span of several. */
export function dayOf(words: string, asked: Asked): Temporal.PlainDate {
  const { from, to } = daysOf(words, asked);
  if (from.equals(to)) return from;
  throw validationFailed([
    { path: asked.path, message: `is several days, ${from.toString()} to ${to.toString()}; give one` },
  ]);
}

/** A date and time is itself. Days are their first instant as a lower limit, and their end as an upper one. */
export function limitOf(words: string, edge: "from" | "to", asked: Asked): Date {
  if (isIso("moment", words)) return instantIn(asked.zone, words);
  if (isIso("day", words)) return boundsOf(daysOf(words, asked), asked.zone)[edge];
  const days = readSpan(words, asked, { past: true });
  if (days.ok) return boundsOf(inRange(days.value, asked), asked.zone)[edge];
  const { date, time, instant } = value(readMoment(words, asked, { past: true }), asked);
  inRange({ from: date, to: date }, asked);
  if (instant) return instant;
  const at = partOf(time, edge);
  return at ? instantOf(date, at, asked.zone) : boundsOf({ from: date, to: date }, asked.zone)[edge];
}

const partOf = (time: TimeReading | null, edge: "from" | "to"): Temporal.PlainTime | null =>
  time?.kind === "range" ? time[edge] : null;

import type { Temporal } from "temporal-polyfill";
import type { WorkingHours } from "../../entities/technician.ts";
import { addMinutes, localTime, toDate, WEEKDAYS } from "../core/time.ts";
import { type Interval, overlaps } from "./interval.ts";

const DAYS_AHEAD = 7;

interface Availability {
  workingHours: WorkingHours;
  /** Intervals that are taken, travel buffer included. */
  busy: readonly Interval[];
  /** Local days without work, `2026-12-24`. */
  daysOff: { has(date: string): boolean };
}

interface Wanted {
  earliest: Date;
  zone: string;
  minutes: number;
  /** Kept free after the visit. It may lie outside working hours. */
  bufferMinutes: number;
  /** Distance between possible starts, counted from the start of the working day. */
  stepMinutes: number;
  count: number;
}

/** The interval that `findFreeStarts` looks at: read busy times and days off for all of it. */
export function searchInterval(earliest: Date, zone: string): Interval {
  const first = localTime(earliest, zone).startOfDay();
  return { from: earliest, to: toDate(first.add({ days: DAYS_AHEAD + 2 })) };
}

/** The first `count` starts from `earliest` on at which a visit fits into working hours and free time. */
export function findFreeStarts({ workingHours, busy, daysOff }: Availability, wanted: Wanted): Date[] {
  const { earliest, zone, minutes, bufferMinutes } = wanted;
  const first = localTime(earliest, zone).startOfDay();
  const isFree = (from: Date) => {
    const needed = { from, to: addMinutes(from, minutes + bufferMinutes) };
    return from >= earliest && !busy.some((taken) => overlaps(taken, needed));
  };
  return Array.from({ length: DAYS_AHEAD }, (_, days) => first.add({ days }))
    .filter((day) => !daysOff.has(day.toPlainDate().toString()))
    .flatMap((day) => startsOn(day, workingHours, wanted))
    .filter(isFree)
    .slice(0, wanted.count);
}

/** Starts on one local day, busy times aside, from which the visit ends within working hours. */
function startsOn(
  day: Temporal.ZonedDateTime,
  workingHours: WorkingHours,
  { minutes, stepMinutes }: Wanted,
): Date[] {
  const weekday = WEEKDAYS[day.dayOfWeek - 1];
  const hours = weekday && workingHours[weekday];
  if (!hours) return [];
  const [opens, closes] = hours.map((time) => toDate(day.withPlainTime(time)));
  const starts: Date[] = [];
  if (!opens || !closes) return starts;
  for (let at = opens; addMinutes(at, minutes) <= closes; at = addMinutes(at, stepMinutes)) starts.push(at);
  return starts;
}

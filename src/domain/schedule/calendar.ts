import { Temporal } from "temporal-polyfill";
import type { Technician } from "../../entities/technician.ts";
import { localTime, toDate, WEEKDAYS } from "../core/time.ts";
import { dateOf, instantOn } from "./remembered.ts";
import { type Interval, overlaps } from "./interval.ts";
import { spansOf } from "./working-hours.ts";

/** A time that is taken: a visit with the travel after it. */
export interface Busy extends Interval {
  /** Of the visit. */
  number: number;
  /** Of the visit's address, if it has one. */
  postal_code: string | null;
}

/** What says when one technician can be booked. */
export interface TechnicianCalendar {
  technician: Pick<Technician, "id" | "name" | "working_hours" | "time_off">;
  /** In time order. */
  busy: readonly Busy[];
}

/** What is the same for all technicians. */
export interface BusinessCalendar {
  /** IANA zone */
  zone: string;
  /** Local days without work, by date: `2026-12-24`. */
  holidays: ReadonlyMap<string, { id: string; name: string }>;
}

/** First and last local day that an interval touches. */
export function localDays({ from, to }: Interval, zone: string): [Temporal.PlainDate, Temporal.PlainDate] {
  const last = new Date(Math.max(from.getTime(), to.getTime() - 1));
  return [dateOf(from, zone), dateOf(last, zone)];
}

/** The local day of an instant, from its first instant to the first one of the next day. */
export function dayOf(at: Date, zone: string): Interval {
  const begins = localTime(at, zone).startOfDay();
  return { from: toDate(begins), to: toDate(begins.add({ days: 1 })) };
}

/** Every local day that the interval touches. */
export function eachDay(interval: Interval, zone: string): Temporal.PlainDate[] {
  const [first, last] = localDays(interval, zone);
  const days: Temporal.PlainDate[] = [];
  for (let day = first; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 }))
    days.push(day);
  return days;
}

/** The spans of one local day in which the technician works, holidays aside. */
export function workingSpans(
  { technician }: Pick<TechnicianCalendar, "technician">,
  day: Temporal.PlainDate,
  zone: string,
): Interval[] {
  const weekday = WEEKDAYS[day.dayOfWeek - 1] ?? "monday"; // dayOfWeek is 1 to 7.
  const date = day.toString();
  const at = (time: string) => instantOn(zone, date, time);
  return spansOf(technician.working_hours, weekday).map(([from, to]) => ({ from: at(from), to: at(to) }));
}

/** The times of one local day at which the technician is away. */
export function timeOffOn(
  { technician }: Pick<TechnicianCalendar, "technician">,
  day: Temporal.PlainDate,
  zone: string,
): Interval[] {
  const date = day.toString();
  const off = technician.time_off.filter(({ from, to }) => from <= date && date <= to);
  if (off.length === 0) return [];
  const midnight = toDate(day.add({ days: 1 }).toZonedDateTime(zone));
  const at = (time: string) => (time === "24:00" ? midnight : instantOn(zone, date, time));
  return off.map(({ time = "00:00-24:00" }) => {
    const [from = "00:00", to = "24:00"] = time.split("-");
    return { from: at(from), to: at(to) };
  });
}

/** Whether the technician is away during a part of the visit. */
export const isAway = (
  calendar: Pick<TechnicianCalendar, "technician">,
  { window_start: from, window_end: to }: { window_start: Date; window_end: Date },
  zone: string,
): boolean =>
  eachDay({ from, to }, zone).some((day) =>
    timeOffOn(calendar, day, zone).some((away) => overlaps(away, { from, to })),
  );

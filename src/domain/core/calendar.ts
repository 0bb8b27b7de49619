import { Temporal } from "temporal-polyfill";
import { localTime, toDate } from "./time.ts";

/** A time and the zone in which it has a day. */
export interface Moment {
  now: Date;
  /** IANA zone of the business. */
  zone: string;
}

export interface Today {
  /** `2026-11-22` */
  date: string;
  /** `Sunday` */
  weekday: string;
  /** `America/Chicago` */
  zone: string;
}

/** The current day in the business zone. */
export function todayOf({ now, zone }: Moment): Today {
  const day = localTime(now, zone).toPlainDate();
  return { date: day.toString(), weekday: day.toLocaleString("en-US", { weekday: "long" }), zone };
}

const YEARS_AHEAD = 5;
export const TOO_FAR_AHEAD = `is more than ${YEARS_AHEAD} years ahead; check the year`;

/** Whether a time is so far ahead that its year must be a typing error. */
export const isTooFarAhead = (at: Date, { now, zone }: Moment): boolean =>
  at.getTime() > localTime(now, zone).add({ years: YEARS_AHEAD }).epochMilliseconds;

/** The first instant of some days in the business zone, and the first one after them. Both days are included. */
export const boundsOf = (days: { from: Temporal.PlainDate; to: Temporal.PlainDate }, zone: string) => ({
  from: toDate(days.from.toZonedDateTime(zone)),
  to: toDate(days.to.add({ days: 1 }).toZonedDateTime(zone)),
});

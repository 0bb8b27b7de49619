import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Moment } from "./record-type.ts";
import { localTime, toDate } from "./time.ts";

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

const NEAR: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };

/** A day in a request; `dateOf` parses it. */
const DAY = "must be YYYY-MM-DD, yesterday, today or tomorrow";
export const dayInput = z.union([z.iso.date(DAY), z.enum(["yesterday", "today", "tomorrow"])], DAY);

/** The date of `day`, which is `YYYY-MM-DD`, yesterday, today or tomorrow in the business zone. */
export function dateOf(day: string, { now, zone }: Moment): Temporal.PlainDate {
  const days = NEAR[day];
  return days === undefined ? Temporal.PlainDate.from(day) : localTime(now, zone).toPlainDate().add({ days });
}

const YEARS_AHEAD = 5;
export const TOO_FAR_AHEAD = `is more than ${YEARS_AHEAD} years ahead; check the year`;

/** Whether a time is so far ahead that its year must be a typing error. */
export const isTooFarAhead = (at: Date, { now, zone }: Moment): boolean =>
  at.getTime() > localTime(now, zone).add({ years: YEARS_AHEAD }).epochMilliseconds;

/** The first instants of a day and of the next day in the business zone; `day` as for `dateOf`. */
export function dayBounds(day: string, moment: Moment): { from: Date; to: Date } {
  const { zone } = moment;
  const date = dateOf(day, moment);
  return {
    from: toDate(date.toZonedDateTime(zone)),
    to: toDate(date.add({ days: 1 }).toZonedDateTime(zone)),
  };
}

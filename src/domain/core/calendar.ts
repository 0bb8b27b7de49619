import { Temporal } from "temporal-polyfill";
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

/** What day it is for the business. */
export function todayOf({ now, zone }: Moment): Today {
  const day = localTime(now, zone).toPlainDate();
  return { date: day.toString(), weekday: day.toLocaleString("en-US", { weekday: "long" }), zone };
}

const NEAR: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };

/** First instant of a day and of the one after it, in the business zone; `day` is `YYYY-MM-DD` or one of those. */
export function dayBounds(day: string, { now, zone }: Moment): { from: Date; to: Date } {
  const days = NEAR[day];
  const date =
    days === undefined ? Temporal.PlainDate.from(day) : localTime(now, zone).toPlainDate().add({ days });
  return {
    from: toDate(date.toZonedDateTime(zone)),
    to: toDate(date.add({ days: 1 }).toZonedDateTime(zone)),
  };
}

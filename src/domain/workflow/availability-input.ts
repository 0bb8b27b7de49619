import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { validationFailed } from "../core/errors.ts";
import { text } from "../core/fields.ts";
import { idOf } from "../core/ids.ts";
import { boundsOf } from "../core/calendar.ts";
import {
  faultText,
  instantOf,
  type Read,
  readMoment,
  readSpan,
  readTime,
  type Reference,
  type TimeReading,
} from "../core/when/index.ts";
import type { Interval } from "../schedule/interval.ts";
import { durationMinutes } from "../ticket/fields.ts";

const MOST_DAYS = 31;

export const availabilityInput = z.strictObject({
  date: text(80).describe("'tomorrow', 'next week', at most 31 days"),
  time: text(80).optional().describe("'morning', 'after 2'"),
  duration_minutes: durationMinutes.optional().describe("Default: of the services"),
  services: z.array(text(200)).max(20).default([]).describe("Names or IDs"),
  technician_id: idOf("technician").optional().describe("Nobody else"),
  skill: text(50).optional().describe("Only technicians who have it"),
  customer_identifier: text(500).optional().describe("To whom, for travel"),
  postal_code: text(20).optional().describe("Where, for travel"),
  limit: z.int().min(1).max(20).default(5).describe("Most slots"),
});

export type AvailabilityInput = z.output<typeof availabilityInput>;

/** When the visit may start. */
export interface WantedTimes {
  days: { from: Temporal.PlainDate; to: Temporal.PlainDate };
  /** One interval for each day that is not over. */
  starts: Interval[];
  /** The time of day that was asked for exactly, on each of these days. */
  exact: Date[];
}

/** What `date` and `time` mean now. Throws `validation_failed` for what cannot be read. */
export function wantedTimes(
  { date, time }: Pick<AvailabilityInput, "date" | "time">,
  reference: Reference,
): WantedTimes {
  const { days, said } = read(date, time, reference);
  if (days.from.until(days.to).total("days") >= MOST_DAYS)
    throw validationFailed([{ path: "date", message: `is longer than ${MOST_DAYS} days` }]);
  const each: Temporal.PlainDate[] = [];
  for (let day = days.from; day.until(days.to).total("days") >= 0; day = day.add({ days: 1 })) each.push(day);
  const { zone, now } = reference;
  const isExact = said?.kind === "exact";
  const starts = each.map((day) =>
    isExact ? boundsOf({ from: day, to: day }, zone) : within(day, said, zone),
  );
  return {
    days,
    starts: starts
      .filter(({ to }) => to > now)
      .map(({ from, to }) => ({ from: from > now ? from : now, to })),
    exact: isExact ? each.map((day) => instantOf(day, said.at, zone)) : [],
  };
}

function read(date: string, time: string | undefined, reference: Reference) {
  const given = time === undefined ? null : value(readTime(time, reference), "time");
  const span = readSpan(date, reference);
  if (span.ok) return { days: span.value, said: given };
  const moment = readMoment(date, reference);
  if (!moment.ok || given) throw fault(span, "date");
  return { days: { from: moment.value.date, to: moment.value.date }, said: moment.value.time };
}

function value<T>(reading: Read<T>, path: string): T {
  if (reading.ok) return reading.value;
  throw fault(reading, path);
}

const fault = (reading: Extract<Read<unknown>, { ok: false }>, path: string) =>
  validationFailed(
    [{ path, message: faultText(reading.fault) }],
    "Give a day such as 2026-01-16, or a time such as 14:00.",
  );

function within(day: Temporal.PlainDate, said: TimeReading | null, zone: string): Interval {
  const whole = boundsOf({ from: day, to: day }, zone);
  if (said?.kind !== "range") return whole;
  return {
    from: said.from ? instantOf(day, said.from, zone) : whole.from,
    to: said.to ? instantOf(day, said.to, zone) : whole.to,
  };
}

import { isTooFarAhead, TOO_FAR_AHEAD } from "../core/calendar.ts";
import { validationFailed } from "../core/errors.ts";
import { addMinutes, instantIn, inWords, localTime, MINUTE } from "../core/time.ts";
import type { Interval } from "./interval.ts";

export const LONGEST_VISIT_MINUTES = 1_440;

interface RequestedWindow {
  window_start: string;
  window_end?: string | undefined;
  duration_minutes?: number | undefined;
}

export interface AppointmentWindow extends Interval {
  minutes: number;
}

/**
 * Parses the requested time of a visit; without an end it lasts `defaultMinutes`. Throws `validation_failed` if it is
 * in the past, more than a few years ahead, or ends too early or too late.
 */
export function parseAppointmentWindow(
  { window_start, window_end, duration_minutes }: RequestedWindow,
  defaultMinutes: number,
  { now, zone }: { now: Date; zone: string },
): AppointmentWindow {
  const from = instantIn(zone, window_start);
  if (from < now) throw inThePast(from, now, zone);
  if (isTooFarAhead(from, { now, zone })) throw invalid("window_start", TOO_FAR_AHEAD);
  if (window_end === undefined) {
    const minutes = duration_minutes ?? defaultMinutes;
    return { from, to: addMinutes(from, minutes), minutes };
  }
  const to = instantIn(zone, window_end);
  const minutes = Math.ceil((to.getTime() - from.getTime()) / MINUTE);
  if (minutes < 1) throw invalid("window_end", "must be after window_start");
  if (minutes > LONGEST_VISIT_MINUTES) throw invalid("window_end", "must be within a day of window_start");
  return { from, to, minutes };
}

const invalid = (field: string, message: string, hint?: string) =>
  validationFailed([{ path: `data.${field}`, message }], hint);

function inThePast(from: Date, now: Date, zone: string) {
  const today = localTime(now, zone);
  const sameTime = today.withPlainTime(localTime(from, zone).toPlainTime());
  const next = sameTime.epochMilliseconds < now.getTime() ? sameTime.add({ days: 1 }) : sameTime;
  return invalid(
    "window_start",
    `is in the past: ${inWords(from, zone)}`,
    `It is now ${inWords(now, zone)} (${zone}). That time of day comes next at ${next.toPlainDateTime().toString({ smallestUnit: "minute" })}.`,
  );
}

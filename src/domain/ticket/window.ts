import { isTooFarAhead, TOO_FAR_AHEAD } from "../core/calendar.ts";
import { validationFailed } from "../core/errors.ts";
import { addMinutes, instantIn, inWords, localTime, MINUTE } from "../core/time.ts";
import { LONGEST_VISIT_MINUTES } from "./fields.ts";
import type { Span } from "./slots.ts";

interface Wanted {
  window_start: string;
  window_end?: string | undefined;
  duration_minutes?: number | undefined;
}

/** The time a visit is to be booked for; `validation_failed` where it is past, too far ahead, or ends too early or late. */
export function windowOf(
  { window_start, window_end, duration_minutes }: Wanted,
  usualMinutes: number,
  { now, zone }: { now: Date; zone: string },
): Span & { minutes: number } {
  const from = instantIn(zone, window_start);
  if (from < now) throw past(from, now, zone);
  if (isTooFarAhead(from, { now, zone })) throw wrong("window_start", TOO_FAR_AHEAD);
  if (window_end === undefined) {
    const minutes = duration_minutes ?? usualMinutes;
    return { from, to: addMinutes(from, minutes), minutes };
  }
  const to = instantIn(zone, window_end);
  const minutes = Math.ceil((to.getTime() - from.getTime()) / MINUTE);
  if (minutes < 1) throw wrong("window_end", "must be after window_start");
  if (minutes > LONGEST_VISIT_MINUTES) throw wrong("window_end", "must be within a day of window_start");
  return { from, to, minutes };
}

const wrong = (field: string, message: string, hint?: string) =>
  validationFailed([{ path: `data.${field}`, message }], hint);

function past(from: Date, now: Date, zone: string) {
  const today = localTime(now, zone);
  const sameTime = today.withPlainTime(localTime(from, zone).toPlainTime());
  const next = sameTime.epochMilliseconds < now.getTime() ? sameTime.add({ days: 1 }) : sameTime;
  return wrong(
    "window_start",
    `is in the past: ${inWords(from, zone)}`,
    `It is ${inWords(now, zone)} now (${zone}). The next time of that day is ${next.toPlainDateTime().toString({ smallestUnit: "minute" })}.`,
  );
}

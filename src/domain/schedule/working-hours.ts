import type { LocalSpan, WorkingHours } from "../../entities/technician.ts";

/** The working spans of a weekday, in time order; none on a day off. */
export function spansOf(hours: WorkingHours, weekday: keyof WorkingHours): readonly LocalSpan[] {
  const of = hours[weekday];
  if (of === null) return [];
  return isOneSpan(of) ? [of] : of;
}

const isOneSpan = (of: LocalSpan | readonly LocalSpan[]): of is LocalSpan => typeof of[0] === "string";

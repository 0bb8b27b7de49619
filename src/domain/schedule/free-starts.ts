import { addMinutes, localTime, MINUTE, toDate } from "../core/time.ts";
import {
  type BusinessCalendar,
  eachDay,
  type TechnicianCalendar,
  timeOffOn,
  workingSpans,
} from "./calendar.ts";
import { type Interval, overlaps } from "./interval.ts";

export interface WantedStarts {
  /** The visit starts in this interval. */
  within: Interval;
  minutes: number;
  /** Kept free after the visit. It may lie outside working hours. */
  bufferMinutes: number;
  /** Distance between possible starts, counted from the start of each working span. */
  stepMinutes: number;
  /** Ignores working hours and holidays. */
  outsideHours?: boolean;
}

/** The starts at which the technician can be booked, in time order: within hours, and free of visits and time off. */
export function freeStarts(
  calendar: TechnicianCalendar,
  business: BusinessCalendar,
  wanted: WantedStarts,
): Date[] {
  const { within, minutes, bufferMinutes } = wanted;
  return eachDay(within, business.zone).flatMap((day) => {
    if (!wanted.outsideHours && business.holidays.has(day.toString())) return [];
    const spans = wanted.outsideHours
      ? [wholeDay(toDate(day.toZonedDateTime(business.zone)), business.zone)]
      : workingSpans(calendar, day, business.zone);
    const away = timeOffOn(calendar, day, business.zone);
    return spans.flatMap((span) => {
      const reach = { from: span.from, to: addMinutes(span.to, bufferMinutes + minutes) };
      const taken = calendar.busy.filter((each) => overlaps(each, reach));
      return startsIn(span, wanted).filter((start) => {
        const window = { from: start, to: addMinutes(start, minutes) };
        const needed = { from: start, to: addMinutes(window.to, bufferMinutes) };
        return !away.some((each) => overlaps(each, window)) && !taken.some((each) => overlaps(each, needed));
      });
    });
  });
}

/** Any start of the day; the visit may end on the next one. */
function wholeDay(from: Date, zone: string): Interval {
  return { from, to: toDate(localTime(from, zone).add({ days: 1 })) };
}

function startsIn(span: Interval, { within, minutes, stepMinutes, outsideHours }: WantedStarts): Date[] {
  const starts: Date[] = [];
  const step = stepMinutes * MINUTE;
  const skipped = Math.max(0, Math.ceil((within.from.getTime() - span.from.getTime()) / step));
  const last = Math.min(
    within.to.getTime() - 1,
    outsideHours ? span.to.getTime() - 1 : span.to.getTime() - minutes * MINUTE,
  );
  for (let at = span.from.getTime() + skipped * step; at <= last; at += step) starts.push(new Date(at));
  return starts;
}

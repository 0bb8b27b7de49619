import { Temporal } from "temporal-polyfill";
import { clockTime, inWords, MINUTE, WEEKDAYS } from "../core/time.ts";
import {
  type BusinessCalendar,
  eachDay,
  localDays,
  type TechnicianCalendar,
  timeOffOn,
  workingSpans,
} from "./calendar.ts";
import { type Interval, overlaps } from "./interval.ts";
import { spansOf } from "./working-hours.ts";

/** Why a technician cannot be booked at a time. */
export interface Unavailable {
  /** `hours` and `holiday` give way to `outside_hours`. */
  because: "off" | "busy" | "holiday" | "hours";
  /** A sentence for a person and a model, without its full stop. */
  message: string;
  /** The holiday. */
  record?: string;
}

interface Wanted {
  window: Interval;
  /** Free minutes that travel takes after the visit. */
  bufferMinutes: number;
  outsideHours: boolean;
}

/**
 * Why the technician cannot be booked for the window; null if they can. Nothing insists on time off or on another visit.
 * Travel after the visit may lie outside hours.
 */
export function whyUnavailable(
  calendar: TechnicianCalendar,
  business: BusinessCalendar,
  wanted: Wanted,
): Unavailable | null {
  return (
    timeOff(calendar, business, wanted) ??
    busy(calendar, business, wanted) ??
    (wanted.outsideHours ? null : (holiday(business, wanted) ?? hours(calendar, business, wanted)))
  );
}

/** Why the technician has no start in the interval for a visit of that length. */
export function whyFull(
  calendar: TechnicianCalendar,
  business: BusinessCalendar,
  { within, minutes }: { within: Interval; minutes: number },
): Unavailable {
  const [day] = localDays(within, business.zone);
  const [opens] = workingSpans(calendar, day, business.zone);
  const from = opens && opens.from > within.from ? opens.from : within.from;
  const window = { from, to: new Date(from.getTime() + minutes * MINUTE) };
  const wanted = { window, bufferMinutes: 0, outsideHours: false };
  const other = whyUnavailable({ ...calendar, busy: [] }, business, wanted);
  const { name } = calendar.technician;
  return other ?? { because: "busy", message: `${name} has no ${minutes} minutes free then` };
}

function timeOff(
  calendar: TechnicianCalendar,
  { zone }: BusinessCalendar,
  { window }: Wanted,
): Unavailable | null {
  const { name } = calendar.technician;
  for (const day of eachDay(window, zone)) {
    const away = timeOffOn(calendar, day, zone).find((each) => overlaps(each, window));
    if (!away) continue;
    const wholeDay = away.to.getTime() - away.from.getTime() >= 23 * 60 * MINUTE;
    const when = wholeDay ? "" : ` from ${clockTime(away.from, zone)} to ${clockTime(away.to, zone)}`;
    return { because: "off", message: `${name} is off on ${dayInWords(day)}${when}` };
  }
  return null;
}

function busy(
  { technician, busy }: TechnicianCalendar,
  { zone }: BusinessCalendar,
  { window, bufferMinutes }: Wanted,
): Unavailable | null {
  const needed = { from: window.from, to: new Date(window.to.getTime() + bufferMinutes * MINUTE) };
  const taken = busy.find((each) => overlaps(each, needed));
  if (!taken) return null;
  const [from, to] = [taken.from, taken.to].map((at) => inWords(at, zone));
  return {
    because: "busy",
    message: `That slot is taken: ${technician.name} is busy from ${from} until ${to} (visit #${taken.number})`,
  };
}

function holiday({ zone, holidays }: BusinessCalendar, { window }: Wanted): Unavailable | null {
  for (const day of eachDay(window, zone)) {
    const closed = holidays.get(day.toString());
    if (closed)
      return {
        because: "holiday",
        message: `The business is closed on ${dayInWords(day)} (${closed.name})`,
        record: closed.id,
      };
  }
  return null;
}

function hours(
  calendar: TechnicianCalendar,
  { zone }: BusinessCalendar,
  { window }: Wanted,
): Unavailable | null {
  const [day] = localDays(window, zone);
  const spans = workingSpans(calendar, day, zone);
  if (spans.some(({ from, to }) => from <= window.from && window.to <= to)) return null;
  const { name, working_hours } = calendar.technician;
  const lengths = (interval: Interval) => (interval.to.getTime() - interval.from.getTime()) / MINUTE;
  const longest = Math.max(
    0,
    ...WEEKDAYS.flatMap((weekday) => spansOf(working_hours, weekday).map(minutesOf)),
  );
  const minutes = lengths(window);
  if (longest > 0 && minutes > longest)
    return {
      because: "hours",
      message: `The visit takes ${lengthInWords(minutes)}, but ${name} works at most ${lengthInWords(longest)} at a stretch`,
    };
  const weekday = `${day.toLocaleString("en-US", { weekday: "long" })}s`;
  if (spans.length === 0) return { because: "hours", message: `${name} does not work on ${weekday}` };
  const listed = spans.map(({ from, to }) => `${clockTime(from, zone)}–${clockTime(to, zone)}`);
  return { because: "hours", message: `${name} works ${listed.join(" and ")} on ${weekday}` };
}

const minutesOf = ([from, to]: readonly [string, string]): number =>
  Temporal.PlainTime.from(from).until(Temporal.PlainTime.from(to)).total("minutes");

/** `4 hours 30 minutes` */
function lengthInWords(minutes: number): string {
  const counted = (count: number, noun: string) =>
    count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"}`];
  return [...counted(Math.floor(minutes / 60), "hour"), ...counted(minutes % 60, "minute")].join(" ");
}

const dayInWords = (day: Temporal.PlainDate): string => day.toLocaleString("en-US", { dateStyle: "full" });

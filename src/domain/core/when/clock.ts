import { Temporal } from "temporal-polyfill";
import { type Form, formsOf, matchForm } from "./forms.ts";
import type { Token } from "./tokens.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const NOON = 12 * HOUR;
export const DAY = 24 * HOUR;

/** A time of day. */
export interface Point {
  /** Milliseconds of the day, on a clock without daylight-saving time. */
  at: number;
  /** Whether it was said as one of twelve hours, without a word for the half of the day. */
  bare: boolean;
}

/** Hours to add to an hour of twelve: 0 in the morning, 12 later. */
export type Half = 0 | 12;

export const plainTime = (at: number): Temporal.PlainTime =>
  new Temporal.PlainTime().add({ milliseconds: at });

/** `2 PM`, `2:15 PM` */
export function timeInWords({ hour, minute }: Temporal.PlainTime): string {
  const minutes = minute === 0 ? "" : `:${String(minute).padStart(2, "0")}`;
  return `${hour % 12 === 0 ? 12 : hour % 12}${minutes} ${hour < 12 ? "AM" : "PM"}`;
}

/** The same time on the clock's face in a half of the day. */
export const inHalf = (at: number, half: number): number => (at % NOON) + half * HOUR;

/** Business hours: 7 to 11 are in the morning, 12 is noon, and 1 to 6 are in the afternoon. */
const businessTime = (at: number): number => inHalf(at, at % NOON >= 7 * HOUR ? 0 : 12);

/** A time of twelve hours, in the half of the day that was said or that is usual for a business. */
const ofTwelve = (at: number, half: number | undefined): Point =>
  half === undefined ? { at: businessTime(at), bare: true } : { at: inHalf(at, half), bare: false };

const sure = (at: number): Point => ({ at, bare: false });

/** Minutes after an hour, or before it if they are negative. */
function besideHour(minutes: number, hour: number, half?: number): Point | null {
  const point = ofTwelve(hour * HOUR, half);
  const at = point.at + minutes * MINUTE;
  return at < 0 ? null : { ...point, at };
}

/** `02:15 pm` has an hour of twelve. `14:00 pm` says the same twice, `14:00 am` is a contradiction. */
function withHalf(at: number, half: number): Point | null {
  if (at >= HOUR && at < 13 * HOUR) return sure(inHalf(at, half));
  return at >= NOON === (half === 12) ? sure(at) : null;
}

const FORMS: Form<Point>[] = formsOf<Point>({
  "12? noon": () => sure(NOON),
  midday: () => sure(NOON),
  "12? midnight": () => sure(0),
  "<hour> <meridiem>?": (hour, half) => ofTwelve(hour * HOUR, half),
  "<hour> o'clock|oclock <meridiem>?": (hour, half) => ofTwelve(hour * HOUR, half),
  "<clock12> <meridiem>?": (at, half) => ofTwelve(at, half),
  "<clock24>": sure,
  "<clock24> <meridiem>": withHalf,
  "<fourDigits>": sure,
  "half past <hour> <meridiem>?": (hour, half) => besideHour(30, hour, half),
  "quarter past|after <hour> <meridiem>?": (hour, half) => besideHour(15, hour, half),
  "quarter to|before|till <hour> <meridiem>?": (hour, half) => besideHour(-15, hour, half),
  "<minutes> minutes? past <hour> <meridiem>?": besideHour,
  "<minutes> minutes to|before <hour> <meridiem>?": (minutes, hour, half) => besideHour(-minutes, hour, half),
  // In digits, this is a range: 10 to 2.
  "<minuteWord> to <hour> <meridiem>?": (minutes, hour, half) => besideHour(-minutes, hour, half),
  "<hourWord> <minuteWord> <meridiem>?": besideMinutes,
});

/** `two thirty` */
function besideMinutes(hour: number, minutes: number, half?: number): Point | null {
  return minutes >= 10 ? ofTwelve(hour * HOUR + minutes * MINUTE, half) : null;
}

/** What the tokens say of one time of day; `null` if they are no such words. `half` is said beside them. */
export function parsePoint(tokens: readonly Token[], half: Half | null = null): Point | null {
  const point = matchForm(FORMS, tokens);
  if (!point || half === null) return point;
  if (point.bare) return sure(inHalf(point.at, half));
  // "9 PM in the morning" is a contradiction. Midnight is at the end of an evening.
  return point.at === 0 || point.at === NOON || point.at >= NOON === (half === 12) ? point : null;
}

/** `null` for an end means midnight, the end of the day. */
export interface PointRange {
  from: number;
  to: number | null;
}

/**
 * The range between two times. A bare one follows the other: `1-3 pm` is all in the afternoon, `10-2` ends there, and so
 * does `9 AM to 5`. `null` if it does not end after it begins.
 */
export function rangeOf(from: Point, to: Point): PointRange | null {
  const end = !to.bare && to.at === 0 ? DAY : to.at;
  if (!to.bare) return ordered(from.bare ? bareStart(from.at, end) : from.at, end);
  return ordered(from.at, bareEnd(from, to.at));
}

const ordered = (from: number, to: number): PointRange | null =>
  from < to ? { from, to: to === DAY ? null : to } : null;

/** In the half of the day of the end, else as usual for a business: `10-2 PM` begins in the morning, `2-1 PM` is none. */
function bareStart(at: number, end: number): number {
  const same = inHalf(at, end > NOON ? 12 : 0);
  return same < end ? same : at;
}

/** The first time after the start, except that `11-9` is no night: a bare start in the morning leaves the end as usual. */
function bareEnd(from: Point, end: number): number {
  if (from.bare && (end > from.at || from.at < NOON)) return end;
  const first = [inHalf(end, 0), inHalf(end, 12)].find((at) => at > from.at);
  return first ?? end;
}

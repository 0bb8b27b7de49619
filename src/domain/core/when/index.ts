import type { Temporal } from "temporal-polyfill";
import { calendarFault } from "./day-phrase.ts";
import { readDayPhrase } from "./day.ts";
import { readMomentPhrase } from "./moment.ts";
import { type Kind, parse } from "./parse.ts";
import { readSpanPhrase, spanFault } from "./span.ts";
import { resolveTime } from "./time.ts";
import {
  type MomentReading,
  type Options,
  type Read,
  read,
  type Reference,
  type Refusal,
  type Span,
  type TimeReading,
  unread,
} from "./types.ts";

export { instantOf } from "./time.ts";
export { DEFAULT_PARTS, faultText } from "./types.ts";
export type { Kind } from "./parse.ts";
export type {
  DayParts,
  MomentReading,
  Options,
  Part,
  Read,
  Reference,
  Span,
  TimeReading,
  Unread,
} from "./types.ts";

/**
 * Reads one day: `2026-01-15`, `1/15`, `tomorrow`, `next Friday`, `in two weeks`, `last Friday of the month`.
 *
 * Weeks begin on Monday. `Friday` is the nearest one from today on, `this Friday` the one of this week, `next Friday`
 * the one of the coming week. A date without a year is the next one from today on. `last Friday` is the most recent one
 * before today.
 *
 * Faults: it cannot be read, does not exist, is more than five years ahead, or is past and `past` is not set. Throws for
 * no text; only for a zone or a part of the day in `reference` that does not exist.
 */
export function readDay(text: string, reference: Reference, options: Options = {}): Read<Temporal.PlainDate> {
  const phrase = parse("day", text);
  return phrase.ok ? readDayPhrase(phrase.value, reference, options) : withDays(phrase, text, reference);
}

/**
 * Reads one or more days, both ends included: everything that `readDay` reads, `next week`, `this weekend`,
 * `week of March 3`, `January`, `Jan 3 to Jan 9`, `2026-01-03/2026-01-09`.
 *
 * `this week`, `this month` and the current month by its name begin today. A span that is running is not past. Of two
 * dates without a year, the second one is the next from today on, and the first one the last before it. Of two weekdays,
 * the second one follows the first. Faults as for `readDay`.
 */
export function readSpan(text: string, reference: Reference, options: Options = {}): Read<Span> {
  const phrase = parse("span", text);
  return phrase.ok ? readSpanPhrase(phrase.value, reference, options) : withDays(phrase, text, reference);
}

/**
 * Reads a time of day: `9`, `2:15 pm`, `14:00`, `half past two`, `noon`, `morning`, `9-11`, `after 2`, `any time`.
 *
 * Without a word for the half of the day, 7 to 11 are in the morning and 12 to 6 in the afternoon, in `2:30` too; `02:30`
 * and `14:30` are on the clock of 24 hours. `midnight` is 00:00, the beginning of the day; as the end of a range it is
 * open. `by 5` and `before 5` are ranges without a beginning.
 */
export function readTime(text: string, reference: Reference): Read<TimeReading> {
  const phrase = parse("time", text);
  return phrase.ok ? read(resolveTime(phrase.value, reference)) : phrase;
}

/**
 * Reads a day and a time in either order, a day alone (`time` is null), a time alone (today), an ISO date-time with or
 * without an offset, `in two hours`, `now` and `asap` (today).
 *
 * `instant` is set if the time is exact. `Friday midnight` is the beginning of Friday. `time` is what was said, also
 * where a daylight-saving change skips it. A bare weekday is today only while its time is ahead. An exact time before
 * now is past; a range or a part of the day is past when it has ended. Faults as for `readDay`; their readings are local
 * date-times where a time is known.
 */
export function readMoment(text: string, reference: Reference, options: Options = {}): Read<MomentReading> {
  const phrase = parse("moment", text);
  return phrase.ok ? readMomentPhrase(phrase.value, reference, options) : withDays(phrase, text, reference);
}

/** Adds to the fault the days of a text that names several days, or a time too. */
function withDays(refusal: Refusal, text: string, reference: Reference): Refusal {
  const { message, readings } = refusal.fault;
  return readings.length > 0 ? refusal : unread(message, daysNamed(text, reference));
}

function daysNamed(text: string, reference: Reference): string[] {
  const moment = parse("moment", text);
  if (moment.ok) {
    if (moment.value.kind === "time") return [];
    const reading = readMomentPhrase(moment.value, reference, {});
    return reading.ok ? [reading.value.date.toString()] : [];
  }
  const span = parse("span", text);
  if (span.ok) {
    const days = readSpanPhrase(span.value, reference, {});
    return days.ok ? [days.value.from.toString(), days.value.to.toString()] : [];
  }
  return text.split(/\b(?:and|or)\b/i).flatMap((part) => {
    const day = parse("day", part);
    const date = day.ok ? readDayPhrase(day.value, reference, {}) : day;
    return date.ok ? [date.value.toString()] : [];
  });
}

/**
 * Whether the text can be read at all, whatever the day, the zone and the country: for checks before these are known. A
 * text that can be may still be past.
 */
export function couldBe(kind: Kind, text: string): Read<true> {
  const fault = FAULTS[kind](text);
  return fault ?? read(true);
}

const FAULTS: Readonly<Record<Kind, (text: string) => Refusal | null>> = {
  day: (text) => faultOf(parse("day", text), (day) => calendarFault(day, "")),
  span: (text) => faultOf(parse("span", text), spanFault),
  time: (text) => faultOf(parse("time", text), () => null),
  moment: (text) =>
    faultOf(parse("moment", text), (value) => (value.kind === "local" ? calendarFault(value.day, "") : null)),
};

const faultOf = <T>(phrase: Read<T>, check: (value: T) => Refusal | null): Refusal | null =>
  phrase.ok ? check(phrase.value) : phrase;

import { Temporal } from "temporal-polyfill";
import type { LocalKind } from "./local-kinds.ts";
import { instantIn, inWords, ISO_MOMENT, localTime, MINUTE } from "./time.ts";
import {
  instantOf,
  type MomentReading,
  type Read,
  readDay,
  readMoment,
  readTime,
  type Reference,
  type TimeReading,
} from "./when/index.ts";
import { isTimeOfDay, isWish } from "./wish.ts";

/** A value that means the same everywhere. */
export interface Complete {
  value: string;
  /** What was understood, where it should be told. */
  words?: string;
  /** The end of `tomorrow 9-11am`. */
  end?: Complete;
}

interface Phrase {
  text: string;
  kind: LocalKind;
}

const complete = (value: string, words: string): Read<Complete> => ({ ok: true, value: { value, words } });

/** Whether a date or time needs no words read. */
export function isCompleteTime(text: string, takes: LocalKind["takes"]): boolean {
  if (takes === "time") return isTimeOfDay(text);
  if (takes === "wish") return isWish(text);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) || ISO_MOMENT.test(text);
}

/**
 * What a phrase for a date or time means now. `beside`: the time of day that the field beside a wish names, or the start
 * that the field beside an end names.
 */
export function completeTime({ kind, text }: Phrase, reference: Reference, beside?: string): Read<Complete> {
  const { takes, past = false } = kind;
  if (takes === "time") return completeTimeOfDay(text, reference);
  if (takes === "wish") return completeWish(text, reference, beside);
  if (kind.start !== undefined && beside !== undefined) {
    const end = timeOfStart(text, beside, reference);
    if (end) return end;
  }
  const moment = takes === "day" ? undefined : momentOf(text, reference, past);
  if (moment && (moment.ok || takes === "moment")) return moment;
  const day = readDay(text, reference, kind);
  if (!day.ok) return moment ?? day;
  return complete(day.value.toString(), dayWords(day.value));
}

function completeTimeOfDay(text: string, reference: Reference): Read<Complete> {
  const read = readTime(text, reference);
  return read.ok ? complete(clockOf(read.value), clockWords(read.value)) : read;
}

/** A time beside the day decides whether a bare weekday may be today. A day with its own time keeps that one. */
function completeWish(text: string, reference: Reference, beside: string | undefined): Read<Complete> {
  const day = readDay(text, reference);
  if (day.ok && beside !== undefined) {
    const both = readMoment(`${text} ${spoken(beside)}`, reference);
    if (both.ok) return complete(both.value.date.toString(), dayWords(both.value.date));
    if (readTime(spoken(beside), reference).ok) return both; // That time of this day is over.
  }
  if (day.ok) return complete(day.value.toString(), dayWords(day.value));
  const moment = readMoment(text, reference);
  return moment.ok ? complete(...wishTexts(moment.value)) : day;
}

/** The reader knows no 24:00. */
const spoken = (time: string): string => time.replace(/^(.*)-24:00$/, "after $1");

function wishTexts({ date, time }: MomentReading): [string, string] {
  if (!time) return [date.toString(), dayWords(date)];
  return [`${date.toString()} ${clockOf(time)}`, `${dayWords(date)}, ${clockWords(time)}`];
}

/** `14:00`, `12:00-17:00`; what is open ends with the day. */
function clockOf(time: TimeReading): string {
  if (time.kind === "exact") return minuteOf(time.at);
  if (time.kind !== "range") return "00:00-24:00";
  const to = time.to && minuteOf(time.to);
  return `${time.from ? minuteOf(time.from) : "00:00"}-${!to || to === "00:00" ? "24:00" : to}`;
}

const minuteOf = (at: Temporal.PlainTime): string => at.toString({ smallestUnit: "minute" });

function clockWords(time: TimeReading): string {
  if (time.kind === "exact") return clock(time.at);
  if (time.kind !== "range") return "any time";
  if (time.from && time.to) return `between ${clock(time.from)} and ${clock(time.to)}`;
  if (time.from) return `after ${clock(time.from)}`;
  return time.to ? `before ${clock(time.to)}` : "any time";
}

const clock = (at: Temporal.PlainTime): string =>
  at.toLocaleString("en-US", { timeStyle: "short" }).replaceAll("\u202f", " ");

/** A part of the day means its beginning. A day alone is no moment. */
function momentOf(text: string, reference: Reference, past: boolean): Read<Complete> {
  const read = readMoment(text, reference, { past });
  if (!read.ok) return read;
  const { date, time } = read.value;
  const start = time?.kind === "exact" ? time.at : time?.kind === "range" ? time.from : null;
  if (start === null) {
    const readings = [`${date.toString()}T09:00`, `${date.toString()}T14:00`];
    return { ok: false, fault: { message: `understood ${dayWords(date)}, but no time of day`, readings } };
  }
  const at = read.value.instant ?? instantOf(date, start, reference.zone);
  // What is not past has begun at most: "now", or "this evening" in the evening.
  const begun = exactly(past || at > reference.now ? at : nextMinute(reference.now), reference.zone);
  const to = time?.kind === "range" && time.from && !time.isPart ? time.to : null;
  if (!begun.ok || !to) return begun;
  const end = exactly(instantOf(date, to, reference.zone), reference.zone);
  return end.ok ? { ok: true, value: { ...begun.value, end: end.value } } : end;
}

/** `3pm`, on the day on which `start` is; undefined for what is no exact time alone. */
function timeOfStart(text: string, start: string, reference: Reference): Read<Complete> | undefined {
  const time = readTime(text, reference);
  if (!time.ok || time.value.kind !== "exact" || /\bnow\b/i.test(text) || !ISO_MOMENT.test(start))
    return undefined;
  const day = localTime(instantIn(reference.zone, start), reference.zone).toPlainDate();
  return exactly(instantOf(day, time.value.at, reference.zone), reference.zone);
}

const nextMinute = (now: Date): Date => new Date((Math.floor(now.getTime() / MINUTE) + 1) * MINUTE);

const exactly = (at: Date, zone: string): Read<Complete> =>
  complete(
    Temporal.Instant.fromEpochMilliseconds(at.getTime()).toString({
      timeZone: zone,
      smallestUnit: "second",
    }),
    inWords(at, zone),
  );

const dayWords = (day: Temporal.PlainDate): string =>
  day.toLocaleString("en-US", { weekday: "long", year: "numeric", month: "long", day: "numeric" });

import { instantIn } from "../time.ts";
import { calendarFault, type DayPhrase, parseDay } from "./day-phrase.ts";
import { cuts, type Form, formsOf, matchForm } from "./forms.ts";
import { parseTime, type TimePhrase } from "./time-phrase.ts";
import type { Token } from "./tokens.ts";
import { quote, type Read, read, type Refusal, unread } from "./types.ts";

/** What a text says of a day, of a time, or of both. */
export type MomentPhrase =
  | { kind: "local"; day: DayPhrase; time: TimePhrase | null }
  /** Without a day: today. */
  | { kind: "time"; time: TimePhrase }
  | { kind: "instant"; at: Date }
  | { kind: "elapsed"; minutes: number };

const elapsed = (minutes: number): MomentPhrase => ({ kind: "elapsed", minutes });

const ELAPSED: Form<MomentPhrase>[] = formsOf<MomentPhrase>({
  now: () => elapsed(0),
  "in? <count> <clockUnit>": (count, unit) => elapsed(count * unit),
  "<count> <clockUnit> from now": (count, unit) => elapsed(count * unit),
  "<count> <clockUnit> ago": (count, unit) => elapsed(-count * unit),
  "in? half an? hour": () => elapsed(30),
  "half an? hour ago": () => elapsed(-30),
  "in? an hour and a half": () => elapsed(90),
});

/** What the tokens say of a moment; `null` if they are no such words. */
export function parseMoment(tokens: readonly Token[]): Read<MomentPhrase> | null {
  const [first] = tokens;
  if (first?.kind === "zoned" && tokens.length === 1) return zoned(first.text);
  const since = matchForm(ELAPSED, tokens);
  if (since) return read(since);
  const day = parseDay(tokens);
  if (day) return read({ kind: "local", day, time: null });
  const time = parseTime(tokens);
  return time?.ok ? ofToday(time.value) : (dayAndTime(tokens) ?? time);
}

/** `instantIn` takes the offset as `+02:00` only: another one it would leave out. */
function zoned(text: string): Read<MomentPhrase> {
  const iso = text
    .toUpperCase()
    .replace(" ", "T")
    .replace(/([+-]\d\d)(?::?(\d\d))?$/, (_, hours: string, minutes = "00") => `${hours}:${minutes}`);
  try {
    return read({ kind: "instant", at: instantIn("UTC", iso) });
  } catch {
    const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number);
    const onTheClock = `${quote(iso)} does not exist on the clock`;
    return calendarFault({ kind: "date", year, month, day }, "") ?? unread(onTheClock);
  }
}

const ofToday = (time: TimePhrase): Read<MomentPhrase> =>
  time.kind === "any" ? unread("says any time, but names no day") : read({ kind: "time", time });

/** A day and a time in either order. */
function dayAndTime(tokens: readonly Token[]): Read<MomentPhrase> | null {
  const found = cuts(tokens).flatMap(([left, right]) => [pairOf(left, right), pairOf(right, left)]);
  const pairs = found.filter((each) => each !== null);
  const [pair, other] = pairs.filter((each) => each.ok);
  if (pair && other) return unread("may mean two moments; write the day as 2026-01-15 and the time as 14:00");
  return pair ?? pairs[0] ?? dayBetween(tokens);
}

/** `2 o'clock tomorrow afternoon`: two words for one time, around the day. */
function dayBetween(tokens: readonly Token[]): Read<MomentPhrase> | null {
  for (const [left, others] of cuts(tokens)) {
    if (!parseTime(left)?.ok) continue;
    for (const [days, right] of cuts(others)) {
      const found = parseTime(right)?.ok ? pairOf(days, [...left, ...right]) : null;
      if (found?.ok) return found;
    }
  }
  return null;
}

function pairOf(days: readonly Token[], times: readonly Token[]): Read<MomentPhrase> | null {
  const day = parseDay(days);
  const time = day && parseTime(times);
  if (!day || !time) return null;
  if (!time.ok) return time;
  const { value } = time;
  if (value.kind === "now" || (value.today && !isToday(day))) return otherDay(times);
  return read({ kind: "local", day, time: value });
}

const isToday = (day: DayPhrase): boolean => day.kind === "offset" && day.count === 0 && day.from === null;

const otherDay = (times: readonly Token[]): Refusal =>
  unread(`names two days: ${quote(times.map(({ text }) => text).join(" "))} is today`);

import { Temporal } from "temporal-polyfill";
import {
  DEFAULT_PARTS,
  type MomentReading,
  type Read,
  readDay,
  readMoment,
  type Reference,
  readSpan,
  readTime,
  type TimeReading,
} from "../../../../src/domain/core/when/index.ts";

const COUNTRIES: Readonly<Record<string, string>> = {
  "America/Chicago": "US",
  "Europe/Berlin": "DE",
  "Australia/Sydney": "AU",
};

/** `now` is local time in `zone`. */
export const said = (
  now: string,
  zone = "America/Chicago",
  country = COUNTRIES[zone] ?? "GB",
): Reference => ({
  now: new Date(Temporal.PlainDateTime.from(now).toZonedDateTime(zone).epochMilliseconds),
  zone,
  country,
  parts: DEFAULT_PARTS,
});

/** A reading as a row of a table has it; a fault is `! ` and its readings. */
const show = <T>(result: Read<T>, words: (value: T) => string): string =>
  result.ok ? words(result.value) : ["!", ...result.fault.readings].join(" ");

const clock = (time: Temporal.PlainTime | null): string => time?.toString({ smallestUnit: "minute" }) ?? "";

function timeWords(time: TimeReading): string {
  if (time.kind === "exact") return time.at.second ? time.at.toString() : clock(time.at);
  return time.kind === "range" ? `${clock(time.from)}-${clock(time.to)}` : time.kind;
}

function momentWords({ date, time, instant }: MomentReading): string {
  const local = time ? `${date.toString()} ${timeWords(time)}` : date.toString();
  return instant ? `${local} = ${instant.toISOString().replace(/(:00)?\.000Z/, "Z")}` : local;
}

/** `2026-01-15` */
export const day = (text: string, reference: Reference, past?: boolean): string =>
  show(readDay(text, reference, past === undefined ? {} : { past }), String);

/** `2026-01-15..2026-01-20` */
export const span = (text: string, reference: Reference, past?: boolean): string =>
  show(
    readSpan(text, reference, past === undefined ? {} : { past }),
    ({ from, to }) => `${from.toString()}..${to.toString()}`,
  );

/** `14:00`, `13:00-15:00`, `14:00-`, `any` */
export const time = (text: string, reference: Reference): string =>
  show(readTime(text, reference), timeWords);

/** `2026-01-15 14:00 = 2026-01-15T20:00Z`, `2026-01-15 08:00-12:00`, `2026-01-15` */
export const moment = (text: string, reference: Reference, past?: boolean): string =>
  show(readMoment(text, reference, past === undefined ? {} : { past }), momentWords);

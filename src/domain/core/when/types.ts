import type { Temporal } from "temporal-polyfill";

/** Local times `HH:MM` at which a part of the day begins and ends. */
export interface Part {
  from: string;
  to: string;
}

export interface DayParts {
  morning: Part;
  afternoon: Part;
  evening: Part;
}

export const DEFAULT_PARTS: DayParts = {
  morning: { from: "08:00", to: "12:00" },
  afternoon: { from: "12:00", to: "17:00" },
  evening: { from: "17:00", to: "20:00" },
};

/** What words mean here and now. */
export interface Reference {
  now: Date;
  /** IANA zone of the business. */
  zone: string;
  /** ISO 3166, such as `US`: it decides whether `1/2/2026` begins with the month. */
  country: string;
  parts: DayParts;
}

export interface Options {
  /** Allows what is past, and takes a date without a year for the nearest one, before or after today. */
  past?: boolean;
  /** With `past`: a date without a year is still the next one. */
  ahead?: boolean;
}

/** Times are local. In a range, `null` means open: `after 2` has no end. `isPart`: a part of the day, such as `morning`. */
export type TimeReading =
  | { kind: "exact"; at: Temporal.PlainTime }
  | { kind: "range"; from: Temporal.PlainTime | null; to: Temporal.PlainTime | null; isPart?: boolean }
  | { kind: "any" }
  | { kind: "asap" };

/** Both days are included. */
export interface Span {
  from: Temporal.PlainDate;
  to: Temporal.PlainDate;
}

export interface MomentReading {
  date: Temporal.PlainDate;
  /** `null` if the text names only a day. */
  time: TimeReading | null;
  /** Set if the time is exact. */
  instant: Date | null;
}

export interface Unread {
  /** What is wrong and what was understood, to be put behind the name of a field. */
  message: string;
  /** At most three that may have been meant: ISO dates, or local date-times such as `2026-01-15T08:00`; times of day for a time. */
  readings: string[];
}

export type Refusal = { ok: false; fault: Unread };
export type Read<T> = { ok: true; value: T } | Refusal;

export const read = <T>(value: T): Read<T> => ({ ok: true, value });

export const unread = (message: string, readings: readonly string[] = []): Refusal => ({
  ok: false,
  fault: { message, readings: [...new Set(readings)].slice(0, 3) },
});

const QUOTED = 40;

/** For a message: the words in quotes, cut where they are long. */
export const quote = (text: string): string =>
  `"${text.length > QUOTED ? `${text.slice(0, QUOTED - 1)}…` : text}"`;

/** The fault and what may have been meant, to be put behind the name of a field. */
export const faultText = ({ message, readings }: Unread): string =>
  readings.length === 0 ? message : `${message}; try ${readings.join(", ")}`;

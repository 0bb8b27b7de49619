import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { local } from "./local-kinds.ts";
import type { WorkingHours } from "../../entities/technician.ts";

export const MINUTE = 60_000;

/** In the order of Temporal's `dayOfWeek`, which counts from 1. */
export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const satisfies readonly (keyof WorkingHours)[];

export const ISO_MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;
const ABSOLUTE = /(Z|[+-]\d{2}:\d{2})$/;

const isReadable = (text: string, read: (text: string) => unknown): boolean => {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
};

/** Longest phrase for a date or time. */
const LONGEST = 80;

/** A date and time in a request, in words or ISO; `instantIn` parses it in the business zone. */
export const momentInput = local(
  z
    .string()
    .max(LONGEST)
    .refine((text) => ISO_MOMENT.test(text), {
      error: "must be a date and time such as 2026-11-23T15:30, or with an offset 2026-11-23T15:30:00-06:00",
      abort: true,
    })
    .refine(
      (text) => isReadable(text, (moment) => instantIn("UTC", moment)),
      "does not exist in the calendar or on the clock",
    ),
  { takes: "moment" },
);

/** A date in a request, in words or as `YYYY-MM-DD`. */
export const dateInput = local(
  z
    .string()
    .max(LONGEST)
    .refine((text) => z.iso.date().safeParse(text).success, "must be a date such as 2026-11-23"),
  { takes: "day" },
);

/** As `dateInput`, also for days that are over. */
export const anyDateInput = local(dateInput.describe("A date"), { takes: "day", past: true });

/** As `anyDateInput`, for what is planned: a date without a year is the next such day. */
export const plannedDateInput = local(dateInput.describe("A date"), {
  takes: "day",
  past: true,
  ahead: true,
});

/**
 * Parses an instant. Without an offset, `text` is local time in `zone`. A time in the gap of a daylight-saving change
 * moves forward by the gap; a repeated time means the first one. Throws RangeError for an invalid time.
 */
export function instantIn(zone: string, text: string): Date {
  if (ABSOLUTE.test(text)) return new Date(Temporal.Instant.from(text).epochMilliseconds);
  const local = Temporal.PlainDateTime.from(text, { overflow: "reject" });
  return toDate(local.toZonedDateTime(zone, { disambiguation: "compatible" }));
}

export const toDate = (at: Temporal.ZonedDateTime): Date => new Date(at.epochMilliseconds);

export const localTime = (at: Date, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);

export const addMinutes = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * MINUTE);

/** For a person: `Monday, November 23, 2026 at 3:30 PM`. */
export const inWords = (at: Date, zone: string): string =>
  new Intl.DateTimeFormat("en-US", { dateStyle: "full", timeStyle: "short", timeZone: zone })
    .format(at)
    .replaceAll("\u202f", " "); // ICU puts a narrow no-break space before PM.

/** For a person: `3:30 PM`. */
export const clockTime = (at: Date, zone: string): string =>
  new Intl.DateTimeFormat("en-US", { timeStyle: "short", timeZone: zone })
    .format(at)
    .replaceAll("\u202f", " ");

/** Whether `name` is an IANA zone. Offsets are not accepted, because they have no daylight-saving time. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

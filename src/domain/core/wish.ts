import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { local } from "./local-kinds.ts";
import { clockTime, inWords, toDate } from "./time.ts";

/** `14:00`, or `12:00-17:00`; `24:00` is the end of the day. */
const TIME = /^([01]\d|2[0-3]):[0-5]\d(-(([01]\d|2[0-3]):[0-5]\d|24:00))?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const isTimeOfDay = (text: string): boolean => {
  const [from = "", to] = text.split("-");
  return TIME.test(text) && (to === undefined || from < to);
};

export const isWish = (text: string): boolean => {
  const [day = "", time, ...more] = text.split(" ");
  return DAY.test(day) && more.length === 0 && (time === undefined || isTimeOfDay(time));
};

/** A time of day in a request: `14:00` or `12:00-17:00`, or in words, such as `half past two`, `afternoon`, `after 2`. */
export const timeOfDayInput = local(
  z.string().max(80).refine(isTimeOfDay, "must be a time such as 14:00, or a range such as 12:00-17:00"),
  { takes: "time" },
);

/** As `timeOfDayInput`, but only ranges. */
export const timeRangeInput = local(
  timeOfDayInput.refine((text) => text.includes("-"), "must be a range such as 14:00-16:00"),
  { takes: "time" },
);

/**
 * A day in a request, with or without a time of day: `2026-01-16`, `2026-01-16 14:00`, `2026-01-16 12:00-17:00`, or in
 * words, such as `tomorrow` and `Friday morning`. The field called `time` may name the time of day instead.
 */
export const wishInput = (time: string) =>
  local(
    z
      .string()
      .max(80)
      .refine(isWish, "must be a day such as 2026-01-16, or with a time, 2026-01-16 12:00-17:00")
      .refine(
        (text) => z.iso.date().safeParse(text.split(" ")[0]).success || !isWish(text),
        "does not exist in the calendar",
      ),
    { takes: "wish", time },
  );

/** When something should begin. */
export interface Wish {
  /** `2026-01-16` */
  date: string;
  /** Exactly then; null: at any time from `from` to `to`. */
  exact: Date | null;
  from: Date;
  to: Date;
}

/** The wish of a complete day (`wishInput`) and a time of day (`timeOfDayInput`), if any. The day's own time wins. */
export function wishOf({ day, time }: { day: string; time?: string | undefined }, zone: string): Wish {
  const [date = "", own] = day.split(" ");
  const [from = "00:00", to] = (own ?? time ?? "00:00-24:00").split("-");
  const start = instantOn(date, from, zone);
  if (to === undefined) return { date, exact: start, from: start, to: start };
  return { date, exact: null, from: start, to: instantOn(date, to, zone) };
}

function instantOn(date: string, time: string, zone: string): Date {
  const day = Temporal.PlainDate.from(date);
  if (time === "24:00") return toDate(day.add({ days: 1 }).toZonedDateTime(zone));
  return toDate(day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) }));
}

/** Whether any time of the day will do. */
export const isWholeDay = ({ date, from, to }: Wish, zone: string): boolean =>
  from.getTime() === instantOn(date, "00:00", zone).getTime() &&
  to.getTime() === instantOn(date, "24:00", zone).getTime();

/** For a person: `Friday, January 16, 2026 at 2:00 PM`, `on Friday, January 16, 2026 between 12:00 PM and 5:00 PM`. */
export function wishInWords({ date, exact, from, to }: Wish, zone: string): string {
  if (exact) return inWords(exact, zone);
  const day = Temporal.PlainDate.from(date);
  const words = day.toLocaleString("en-US", { dateStyle: "full" });
  return isWholeDay({ date, exact, from, to }, zone)
    ? words
    : `${words} between ${clockTime(from, zone)} and ${clockTime(to, zone)}`;
}

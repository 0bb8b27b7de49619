import { Temporal } from "temporal-polyfill";
import { instantIn, localTime } from "../time.ts";
import type { TimePhrase } from "./time-phrase.ts";
import type { Part, Reference, TimeReading } from "./types.ts";

type Time = Temporal.PlainTime;

export const exactly = (at: Time): TimeReading => ({ kind: "exact", at });

/** What the phrase means with the parts of the day that the business has. */
export function resolveTime(phrase: TimePhrase, { now, zone, parts }: Reference): TimeReading {
  switch (phrase.kind) {
    case "exact":
      return exactly(phrase.at);
    case "range":
      return { kind: "range", from: phrase.from, to: phrase.to };
    case "part":
      return partOf(parts[phrase.part], phrase.half);
    case "now":
      return exactly(localTime(now, zone).toPlainTime());
    default:
      return { kind: phrase.kind };
  }
}

/** The part, or its first or last half. */
function partOf(part: Part, half: number | null): TimeReading {
  const from = Temporal.PlainTime.from(part.from);
  const to = Temporal.PlainTime.from(part.to);
  const middle = from.add({ minutes: Math.floor(from.until(to).total("minutes") / 2) });
  return { kind: "range", from: half === 1 ? middle : from, to: half === 0 ? middle : to, isPart: true };
}

/**
 * The instant of a local date and time in `zone`. A time in the gap of a daylight-saving change moves forward by the
 * gap; a repeated time means the first one.
 */
export const instantOf = (date: Temporal.PlainDate, time: Time, zone: string): Date =>
  instantIn(zone, date.toPlainDateTime(time).toString());

import { Temporal } from "temporal-polyfill";
import type { Technician } from "../../entities/technician.ts";
import { localTime } from "../core/time.ts";
import type { Interval } from "./interval.ts";

interface DaysOffInput {
  technician: Pick<Technician, "name" | "time_off">;
  holidays: readonly { date: string; name: string }[];
  zone: string;
}

/** First and last local day of an interval, both inclusive. */
export function localDays({ from, to }: Interval, zone: string): [Temporal.PlainDate, Temporal.PlainDate] {
  return [localTime(from, zone).toPlainDate(), localTime(to, zone).toPlainDate()];
}

/** Local days of the interval on which the technician cannot be booked: `2026-12-24` → reason. */
export function daysOff(
  { technician, holidays, zone }: DaysOffInput,
  interval: Interval,
): Map<string, string> {
  const [first, last] = localDays(interval, zone);
  const off = new Map(holidays.map(({ date, name }) => [date, `the business is closed (${name})`]));
  for (let day = first; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    const date = day.toString();
    if (technician.time_off.some(({ from, to }) => from <= date && date <= to))
      off.set(date, `${technician.name} is off`);
  }
  return off;
}

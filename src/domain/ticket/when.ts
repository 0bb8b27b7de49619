import type { Settings } from "../../entities/settings.ts";
import { addMinutes, clockTime, inWords, localTime } from "../core/time.ts";

/** The time of a visit, for a model that must not convert it. */
export interface When {
  start: Date;
  end: Date;
  /** `Friday, January 16, 2026 at 2:00 PM` */
  local: string;
  /** What the customer reads in place of `local`: `Friday, January 16, 2026 between 2:00 PM and 4:00 PM`. */
  arrival?: string;
  weekday: string;
  zone: string;
}

export function whenOf(
  start: Date,
  end: Date,
  { timezone: zone, arrival_window_minutes: minutes }: Settings,
): When {
  return {
    start,
    end,
    local: inWords(start, zone),
    ...(minutes > 0 && { arrival: arrivalInWords(start, zone, minutes) }),
    weekday: localTime(start, zone).toLocaleString("en-US", { weekday: "long" }),
    zone,
  };
}

function arrivalInWords(start: Date, zone: string, minutes: number): string {
  const day = localTime(start, zone).toPlainDate().toLocaleString("en-US", { dateStyle: "full" });
  return `${day} between ${clockTime(start, zone)} and ${clockTime(addMinutes(start, minutes), zone)}`;
}

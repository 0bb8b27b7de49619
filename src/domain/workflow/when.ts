import { inWords, localTime } from "../core/time.ts";

/** The time of a visit, for a model that must not convert it. */
export interface When {
  start: Date;
  end: Date;
  /** `Friday, January 16, 2026 at 2:00 PM` */
  local: string;
  weekday: string;
  zone: string;
}

export const whenOf = (start: Date, end: Date, zone: string): When => ({
  start,
  end,
  local: inWords(start, zone),
  weekday: localTime(start, zone).toLocaleString("en-US", { weekday: "long" }),
  zone,
});

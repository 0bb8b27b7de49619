import { z } from "zod";
import { isTooFarAhead, type Moment, TOO_FAR_AHEAD } from "../core/calendar.ts";
import { validationFailed } from "../core/errors.ts";
import { dateInput, instantIn, inWords, momentInput } from "../core/time.ts";
import { local } from "../core/local-kinds.ts";

/** Local time of a follow-up that names only a day. */
const DEFAULT_TIME = "09:00";

export const followUpInput = local(
  z.union([momentInput, dateInput], {
    error: "must be a day such as 2026-11-26, or a date and time such as 2026-11-26T15:30",
  }),
  { takes: "day or moment" },
);

/** Parses a follow-up time; throws `validation_failed` for `path` if it is in the past or years ahead. */
export function followUpAt(input: string, path: string, { now, zone }: Moment): Date {
  const at = instantIn(zone, input.includes("T") ? input : `${input}T${DEFAULT_TIME}`);
  if (isTooFarAhead(at, { now, zone })) throw validationFailed([{ path, message: TOO_FAR_AHEAD }]);
  if (at > now) return at;
  throw validationFailed(
    [{ path, message: `is in the past: ${inWords(at, zone)}` }],
    `It is now ${inWords(now, zone)} (${zone}). Give a later day, or a day with a time.`,
  );
}

import { z } from "zod";
import { isTooFarAhead, TOO_FAR_AHEAD } from "../core/calendar.ts";
import { validationFailed } from "../core/errors.ts";
import type { Moment } from "../core/record-type.ts";
import { instantIn, inWords, momentInput } from "../core/time.ts";

/** When a day stands alone. */
const USUAL_TIME = "09:00";

export const followUpInput = z.union([momentInput, z.iso.date()], {
  error: "must be a day such as 2026-11-26, or a date and time such as 2026-11-26T15:30",
});

/** The instant that a follow-up is to happen; `path` is where it stands. Refuses the past, and what is years away. */
export function followUpAt(wanted: string, path: string, { now, zone }: Moment): Date {
  const at = instantIn(zone, wanted.includes("T") ? wanted : `${wanted}T${USUAL_TIME}`);
  if (isTooFarAhead(at, { now, zone })) throw validationFailed([{ path, message: TOO_FAR_AHEAD }]);
  if (at > now) return at;
  throw validationFailed(
    [{ path, message: `is in the past: ${inWords(at, zone)}` }],
    `It is ${inWords(now, zone)} now (${zone}). Give a later day, or a day with a time.`,
  );
}

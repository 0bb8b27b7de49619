import type { Ticket } from "../../entities/ticket.ts";
import { CrmError } from "../core/errors.ts";

/** Throws `invalid_state` for a visit that the customer can no longer confirm or ask to move. */
export function checkStillAhead({ status, window_end }: Ticket, now: Date): void {
  if (status === "scheduled" && window_end && window_end > now) return;
  throw new CrmError("invalid_state", "This appointment can no longer be confirmed or moved here.", {
    hint: "Please write or call.",
  });
}

import type { Message, MessageStatus } from "../../entities/message.ts";
import { invalidState } from "../core/errors.ts";

/** All status changes of a message. A temporary failure puts it back into the queue. */
export const NEXT_STATUSES: Readonly<Record<MessageStatus, readonly MessageStatus[]>> = {
  queued: ["sending", "cancelled", "suppressed"],
  sending: ["sent", "failed", "queued"],
  sent: [],
  failed: [],
  cancelled: [],
  suppressed: [],
  not_sent: [],
  received: [],
};

/** Only a queued message can be cancelled. */
export function mustBeQueued({ status }: Message): void {
  if (status === "queued") return;
  const allowed = NEXT_STATUSES[status].filter((next) => next !== "queued");
  throw invalidState("message", "be cancelled", { state: status.replace("_", " "), allowed });
}

import type { Message, MessageStatus } from "../../entities/message.ts";
import { invalidState } from "../core/errors.ts";

/** Every way a message changes its state; what the mail server refuses for now waits in the queue again. */
export const NEXT: Readonly<Record<MessageStatus, readonly MessageStatus[]>> = {
  queued: ["sending", "cancelled", "suppressed"],
  sending: ["sent", "failed", "queued"],
  sent: [],
  failed: [],
  cancelled: [],
  suppressed: [],
  not_sent: [],
  received: [],
};

/** Refuses to call off what is under way or over. */
export function mustBeQueued({ status }: Message): void {
  if (status === "queued") return;
  const allowed = NEXT[status].filter((next) => next !== "queued");
  throw invalidState("message", status.replace("_", " "), "be cancelled", allowed);
}

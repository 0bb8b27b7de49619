import type { Reversal } from "../core/reversal.ts";

/** A message that goes is gone for good, while a cancelled one stays readable: nothing cheaper than `cancel`. */
export const messageReversal: Reversal = {
  table: "message",
  standsFor: ({ to }) => (to ? null : { action: "message.cancel" }),
};

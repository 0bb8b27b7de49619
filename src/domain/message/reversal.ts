import type { Reversal } from "../core/reversal.ts";

/**
 * A message that was not handed over is taken back as `cancel` does, which counts; what was sent stays and is not among
 * the rows. Gone is more than cancelled, so a message that came in is judged no cheaper.
 */
export const messageReversal: Reversal = {
  table: "message",
  standsFor: ({ to }) => (to ? null : { action: "message.cancel" }),
};

import { z } from "zod";
import { Message } from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/text.ts";
import { messageId } from "./fields.ts";
import { mustBeQueued } from "./states.ts";
import { messages } from "./type.ts";

export const cancelMessage = defineAction({
  domain: "message",
  name: "cancel",
  summary: "Call off a message that has not gone out yet: one that is scheduled, or waits for another try.",
  permission: "unrestricted",
  input: z.strictObject({
    id: messageId,
    reason: text(1_000).optional().describe("Kept on the message"),
  }),
  example: { id: "message_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "The visit was called off." },

  destructive: true,
  targets: ({ id }) => [id],

  async handler(context, { id, reason }) {
    // Whoever sends it locks this row too: it is cancelled or under way, never both.
    const message = await findOrFail(context.db, Message, id);
    mustBeQueued(message);
    await update(context, Message, message, { status: "cancelled", error: reason ?? null });
    return readRecord(context.db, messages, id);
  },
});

import { z } from "zod";
import { Message } from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { messageId } from "./fields.ts";
import { mustBeQueued } from "./states.ts";
import { messages } from "./type.ts";

export const cancelMessage = defineAction({
  domain: "message",
  name: "cancel",
  summary: "Cancel a queued message: one that is scheduled or waits for another attempt.",
  permission: "unrestricted",
  input: z.strictObject({
    id: messageId,
    reason: text(1_000).optional().describe("Stored on the message"),
  }),
  example: { id: "message_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "The visit was cancelled." },

  destructive: true,
  targets: ({ id }) => [id],

  async handler(context, { id, reason }) {
    // The sender locks this row too, so a message cannot be both cancelled and sent.
    const message = await findOrFail(context.db, Message, id);
    mustBeQueued(message);
    await update(context, message, { status: "cancelled", error: reason ?? null });
    return readRecord(context, messages, { id });
  },
});

import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { Message } from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { mustExist } from "../core/refer.ts";
import { messageId } from "./fields.ts";
import { isUnwanted, UNWANTED } from "./reach.ts";
import { NEXT } from "./states.ts";

/** The outbox tells how far a message has come. What has moved on meanwhile stays as it is: the answer says where. */
export const markMessage = defineAction({
  domain: "message",
  name: "mark",
  summary: "Note how far the delivery of a message has come.",
  permission: "unrestricted",
  audience: "system",
  input: z.strictObject({
    id: messageId,
    status: z
      .enum(["sending", "sent", "failed", "queued"])
      .describe("What came of it; queued: tried again later"),
    error: z.string().max(500).nullable().default(null).describe("Why it did not go out, or not yet"),
    provider_id: z.string().max(300).nullable().default(null).describe("What the provider calls it"),
  }),
  example: { id: "message_01kb2m6x8efh5rt3zqk9w7ycd4", status: "sent" },

  targets: ({ id }) => [id],

  async handler(context, { id, status, error, provider_id }) {
    const unwanted = status === "sending" && (await goesToUnwilling(context.db, id));
    const message = await findOrFail(context.db, Message, id);
    if (!NEXT[message.status].includes(status)) return { id, status: message.status };
    const marked = unwanted // They said so after it was written.
      ? { status: "suppressed" as const, error: UNWANTED }
      : { status, error, provider_id, ...(status === "sent" && { sent_at: context.now }) };
    await update(context, Message, message, marked);
    return { id, status: marked.status };
  },
});

/** Locks the customer first, as a delete does: two that lock in another order would wait for each other. */
async function goesToUnwilling(db: EntityManager, id: string): Promise<boolean> {
  const message = await db.findOneBy(Message, { id });
  if (message === null || message.channel === "note") return false;
  const { customer_id, channel, to } = message;
  return isUnwanted(db, await mustExist(db, Contact, customer_id), { channel, to });
}

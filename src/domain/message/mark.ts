import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { Message } from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, findForReference, update } from "../core/records.ts";
import { messageId } from "./fields.ts";
import { hasOptedOut, OPTED_OUT } from "./recipient.ts";
import { NEXT_STATUSES } from "./states.ts";

/**
 * The delivery worker reports progress. A report that the current status does not allow, such as a late or repeated one,
 * changes nothing; the result holds the current status.
 */
export const markMessage = defineAction({
  domain: "message",
  name: "mark",
  summary: "Record the delivery status of a message.",
  permission: "unrestricted",
  audience: "system",
  input: z.strictObject({
    id: messageId,
    status: z
      .enum(["sending", "sent", "failed", "queued"])
      .describe("New status; queued: another attempt follows"),
    error: z.string().max(500).nullable().default(null).describe("Why it was not sent, or not yet"),
    provider_id: z.string().max(300).nullable().default(null).describe("The provider's id of the message"),
  }),
  example: { id: "message_01kb2m6x8efh5rt3zqk9w7ycd4", status: "sent" },

  targets: ({ id }) => [id],

  async handler(context, { id, status, error, provider_id }) {
    const optedOut = status === "sending" && (await recipientOptedOut(context.db, id));
    const message = await findOrFail(context.db, Message, id);
    if (!NEXT_STATUSES[message.status].includes(status)) return { id, status: message.status };
    const changes = optedOut // Since the message was written.
      ? { status: "suppressed" as const, error: OPTED_OUT }
      : { status, error, provider_id, ...(status === "sent" && { sent_at: context.now }) };
    await update(context, message, changes);
    return { id, status: changes.status };
  },
});

/** Locks the customer before the message, as contact.delete does; the other order could deadlock with it. */
async function recipientOptedOut(db: EntityManager, id: string): Promise<boolean> {
  const message = await db.findOneBy(Message, { id });
  if (message === null || message.channel === "note") return false;
  const { customer_id, channel, to } = message;
  return hasOptedOut(db, await findForReference(db, Contact, customer_id), { channel, to });
}

import type { EntityManager } from "typeorm";
import { readCalendarEntry } from "../../domain/ticket/calendar-entry.ts";
import { invitationTo } from "../../domain/ticket/calendar-file.ts";
import { Message } from "../../entities/message.ts";
import {
  type Attachment,
  type CalendarAttachment,
  type ChannelParts,
  type ClaimedDelivery,
  refused,
  type SendResult,
} from "./channel.ts";

/** Sends a message through its channel. */
export async function sendMessage(
  { db, channels, clock }: ChannelParts,
  { id, payload }: ClaimedDelivery,
  signal: AbortSignal,
): Promise<SendResult> {
  const message = await db.getRepository(Message).findOneBy({ id: String(payload["message_id"]) });
  if (!message) return refused("The message was deleted before it was sent.", true);
  const { channel, to, subject, body } = message;
  const send = channel === "note" ? undefined : channels[channel];
  if (!send || to === null) return refused(`Sending by ${channel} is not set up here any more.`, true);
  const calendar =
    channel === "email" ? await calendarOf(db.manager, message, clock?.now() ?? new Date()) : undefined;
  return send({ id, to, subject, body, attachments: attachmentsOf(payload), calendar }, signal);
}

/** The visit as it is now: it may have moved since the message was written. Undefined where it has no time any more. */
async function calendarOf(
  db: EntityManager,
  { attachments, about_id, to }: Message,
  now: Date,
): Promise<CalendarAttachment | undefined> {
  const named = attachments.find(({ kind }) => kind === "visit_calendar");
  const entry = named && about_id !== null ? await readCalendarEntry(db, about_id, now) : null;
  if (!named || !entry || to === null) return undefined;
  return {
    filename: named.name,
    fileBy: (organizer) => invitationTo({ name: entry.customer, address: to }, { entry, organizer }),
  };
}

/** Attachments are in the delivery's payload, not in the message: `[{filename, content_type, content}]`, in base64. */
function attachmentsOf(payload: Record<string, unknown>): Attachment[] {
  const { attachments = [] } = payload as {
    attachments?: { filename: string; content_type: string; content: string }[]; // As the job wrote them.
  };
  return attachments.map(({ filename, content_type, content }) => ({
    filename,
    contentType: content_type,
    content: Buffer.from(content, "base64"),
  }));
}

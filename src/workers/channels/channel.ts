import type { DataSource } from "typeorm";
import type { Delivery } from "../../entities/delivery.ts";
import type { Clock } from "../../domain/core/clock.ts";
import type { SentChannel } from "../../entities/message.ts";
import type { CalendarFile, Mailbox } from "../../domain/ticket/calendar-file.ts";

/** The result of one attempt. `words` is our own text: a provider's text is never stored. */
export type SendResult =
  | { kind: "sent"; providerId: string | null }
  /** Certainly not accepted; `permanent`: do not retry. */
  | { kind: "refused"; words: string; permanent: boolean }
  /** Transmitted without a response: it may have arrived. */
  | { kind: "unknown"; words: string };

/** The input of a channel. */
export interface OutgoingMessage {
  /** The delivery's id: the same in every attempt. */
  id: string;
  to: string;
  subject: string | null;
  /** Plain text. */
  body: string;
  attachments?: Attachment[];
  calendar?: CalendarAttachment | undefined;
}

/** A calendar file in a mail. Only the channel knows who invites. */
export interface CalendarAttachment {
  filename: string;
  fileBy(organizer: Mailbox): CalendarFile;
}

export interface Attachment {
  filename: string;
  contentType: string;
  content: Buffer;
}

/** Never throws; `signal` aborts an attempt that takes too long. */
export type Send = (message: OutgoingMessage, signal: AbortSignal) => Promise<SendResult>;

/** The configured channels. A message whose channel is missing stays in the outbox. */
export type Channels = Partial<Record<SentChannel, Send>>;

/** A delivery that one worker has leased; `attempts` is its fencing token. */
export type ClaimedDelivery = Pick<Delivery, "id" | "kind" | "payload" | "attempts">;

/** Dependencies of sending a delivery. */
export interface ChannelParts {
  db: DataSource;
  channels: Channels;
  /** Base URL of links. */
  publicUrl: () => string;
  /** The default is real time. */
  clock?: Clock | undefined;
}

export const refused = (words: string, permanent = false): SendResult => ({
  kind: "refused",
  words,
  permanent,
});

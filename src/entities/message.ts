import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact } from "./contact.ts";

/** Channels that are sent; a `note` only records a conversation. */
export const SENT_CHANNELS = ["email", "sms"] as const;
export type SentChannel = (typeof SENT_CHANNELS)[number];
export const CHANNELS = [...SENT_CHANNELS, "note"] as const;

export const MESSAGE_STATUSES = [
  "queued",
  "sending",
  "sent",
  "failed",
  "cancelled",
  "suppressed",
  "not_sent",
  "received",
] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** What goes with an e-mail: rendered, when it is sent, from the record that it is about. */
export const ATTACHMENT_KINDS = ["visit_calendar"] as const;

export interface MessageAttachment {
  kind: (typeof ATTACHMENT_KINDS)[number];
  /** Name of the file: `visit.ics` */
  name: string;
}

/** States of messages that were or will be sent; a preview shows these as outgoing. */
const GOING_OUT: readonly (MessageStatus | undefined)[] = ["queued", "not_sent"];

/** A message to or from a customer. */
@Entity("message")
@Check("message_channel", `channel IN ('${CHANNELS.join("', '")}')`)
@Check("message_status", `status IN ('${MESSAGE_STATUSES.join("', '")}')`)
@Check("message_direction", "direction IN ('outbound', 'inbound')")
@Check("message_received", "(direction = 'inbound') = (status = 'received')")
@Index("message_customer", ["customer_id"])
@Index("message_about", ["about_id"], { where: "about_id IS NOT NULL" })
@Index("message_created", ["created_at", "id"])
export class Message extends BusinessRecord {
  static override readonly constraints = {
    message_dedupe_key_key: "This message was already written.",
  };

  static override readonly personal: Personal = {
    owners: { customer_id: "contact" },
    erased: { subject: null, body: "Erased", to: null, error: null, dedupe_key: null },
    history: ["message", "messages"],
  };
  static override readonly label = (row: Partial<Message>) => row.subject ?? row.body?.slice(0, 60) ?? "";
  static override readonly outgoing = ({ status, ...row }: Partial<Message>) =>
    GOING_OUT.includes(status)
      ? {
          channel: row.channel,
          to: row.to,
          subject: row.subject,
          body: row.body,
          status,
          scheduled_for: row.scheduled_for,
          ...(row.attachments?.length && { attachments: row.attachments.map(({ name }) => name).join(", ") }),
        }
      : null;

  @Column({ type: "text" })
  direction: "outbound" | "inbound";

  @Column({ type: "text" })
  channel: (typeof CHANNELS)[number];

  @Column({ type: "text" })
  customer_id: string;

  @ManyToOne(() => Contact, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "customer_id" })
  customer?: Relation<Contact>;

  /** The ticket, invoice or lead that it is about; the id's prefix tells which. */
  @Column({ type: "text", nullable: true })
  about_id: string | null;

  /** Name of the template it was made from. */
  @Column({ type: "text", nullable: true })
  template: string | null;

  @Column({ type: "text", nullable: true })
  subject: string | null;

  /** Plain text; the HTML of a mail is made from it. */
  @Column({ type: "text" })
  body: string;

  @Column({ type: "jsonb", default: () => "'[]'" })
  attachments: MessageAttachment[];

  /** The address it went to, as it was then. */
  @Column({ type: "text", nullable: true })
  to: string | null;

  @Column({ type: "text" })
  status: MessageStatus;

  @Column({ type: "timestamptz", nullable: true })
  scheduled_for: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  sent_at: Date | null;

  @Column({ type: "text", nullable: true })
  provider_id: string | null;

  /** Why it was not sent, or not yet. */
  @Column({ type: "text", nullable: true })
  error: string | null;

  /** SHA-256 of the caller's key, in hex. Unique: two messages never have the same key. */
  @Column({ type: "text", nullable: true, unique: true })
  dedupe_key: string | null;
}

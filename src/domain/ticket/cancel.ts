import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import type { Context } from "../core/action.ts";
import { findForReference, findOrFail, readById, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { type Confirmation, confirm, TOLD } from "../message/notice.ts";
import { ticketId } from "./fields.ts";
import { noticeOf } from "./notice.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";
import { bookedOf, readVisit } from "./visit.ts";

export const cancelTicket = defineAction({
  domain: "ticket",
  name: "cancel",
  summary: "Cancel a visit that has not started. Its time becomes free. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: ticketId,
    reason: text(1_000).optional().describe("Stored on the visit"),
    notify_customer: z.boolean().default(false).describe("Write to the customer that it is cancelled"),
  }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "Customer is away that week." },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  outcome: ({ number, message }: Cancelled) =>
    `Cancelled: visit #${number}.${message ? ` ${TOLD[message.status]}` : ""}`,

  /** Returns the visit, and where it was asked for, what became of the message in `message`. */
  async handler(context, { id, reason, notify_customer }) {
    const customer = notify_customer ? await lockRecipient(context, id) : null;
    const ticket = await findOrFail(context.db, Ticket, id);
    const status = nextStatus(ticket, "cancel");
    await update(context, ticket, { status, cancel_reason: reason ?? null });
    const cancelled = await readRecord(context, tickets, { id, include: ["line_items"] });
    return customer ? { ...cancelled, ...(await tell(context, id, customer)) } : cancelled;
  },
});

interface Cancelled extends Record<string, unknown> {
  number: number;
  message?: Confirmation;
}

/** Locks the customer before the visit, as contact.delete does; the other order could deadlock with it. */
async function lockRecipient({ db }: Context, id: string): Promise<Contact | null> {
  const ticket = await readById(db, Ticket, { id });
  return ticket ? findForReference(db, Contact, ticket.customer_id) : null;
}

async function tell(context: Context, id: string, customer: Contact): Promise<object> {
  const visit = await readVisit(context.db, id);
  if (!visit.when) return { message: NO_TIME };
  const warnings: string[] = [];
  const notice = noticeOf("appointment_cancelled", customer, bookedOf(visit));
  const message = await confirm(context, notice, warnings);
  return { message, ...(warnings.length > 0 && { warnings }) };
}

const NO_TIME: Confirmation = { status: "none", reason: "The visit had no time yet." };

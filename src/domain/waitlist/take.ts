import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { Contact } from "../../entities/contact.ts";
import { Ticket } from "../../entities/ticket.ts";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import type { Context } from "../core/action.ts";
import { findForReference, findOrFail, readById, update } from "../core/records.ts";
import { addMinutes } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { createTicket } from "../ticket/create.ts";
import { rescheduleTicket } from "../ticket/reschedule.ts";
import { type Confirmation, confirm } from "../message/notice.ts";
import { noticeOf, toldStart } from "../ticket/notice.ts";
import { type BookedVisit, bookedOf, readVisit } from "../ticket/visit.ts";
import { rivalsOf } from "./rivals.ts";
import { waitlistStates } from "./states.ts";

/** What there is to move: the visit that they want earlier, nothing, or a visit that is over by now. */
export type ToMove = { visit: Ticket | null } | { over: Ticket };

/** Locks the visit that they want earlier. */
export async function lockVisitToMove(
  db: EntityManager,
  { ticket_id }: Pick<WaitlistEntry, "ticket_id">,
): Promise<ToMove> {
  const ticket = ticket_id ? await readById(db, Ticket, { id: ticket_id, lock: "FOR UPDATE" }) : undefined;
  if (!ticket) return { visit: null };
  return ticket.status === "scheduled" || ticket.status === "unscheduled"
    ? { visit: ticket }
    : { over: ticket };
}

interface Time {
  start: Date;
  technician_id: string | undefined;
  outside_hours: boolean;
  /** The visit that they want earlier. */
  toMove: Ticket | null;
}

/** Books the work of an entry, or moves the visit that they want earlier. Throws as a booking does. */
export async function bookWork(context: Context, entry: WaitlistEntry, time: Time): Promise<BookedVisit> {
  const { start, technician_id, outside_hours, toMove } = time;
  const booking = { window_start: start.toISOString(), technician_id, outside_hours };
  const { id } = toMove
    ? await context.call(rescheduleTicket, { ...booking, id: toMove.id, reason: "An earlier time was free." })
    : await context.call(createTicket, {
        ...booking,
        customer_id: entry.customer_id,
        address_id: entry.address_id ?? undefined,
        line_items: entry.service_ids.map((service_id) => ({ service_id })),
        duration_minutes: entry.duration_minutes ?? undefined,
      });
  return bookedOf(await readVisit(context.db, String(id)));
}

/**
 * Marks an entry as booked and tells the others who were offered the time; they wait on. Entries are locked only now,
 * after the technician, as in every job that books from the waitlist: two who press at once cannot wait for each other.
 */
export async function settle(context: Context, id: string, visit: BookedVisit): Promise<void> {
  const { db } = context;
  const entry = await findOrFail(db, WaitlistEntry, id);
  await update(context, entry, {
    state: waitlistStates.next(entry.state, "book"),
    booked_ticket_id: visit.ticket.id,
  });
  const { travel_buffer_minutes: travel } = await settingsOf(db);
  const { start: from, end } = visit.when;
  const taken = { except: id, technician_id: visit.technician.id, from, to: addMinutes(end, travel) };
  for (const each of await rivalsOf(db, taken)) {
    const rival = await findOrFail(db, WaitlistEntry, each);
    if (rival.state !== "offered") continue;
    await update(context, rival, { state: waitlistStates.next(rival.state, "decline") });
    if (rival.customer_id !== entry.customer_id && (await wasWritten(context, rival)))
      await tellGone(context, rival);
  }
}

/** Whether the offer was sent as a message. Customers who were asked by phone get no message later either. */
export async function wasWritten({ db }: Context, { id, offered_at }: WaitlistEntry): Promise<boolean> {
  const [message] = await rows(
    db,
    `SELECT id FROM message WHERE about_id = $1 AND direction = 'outbound' AND created_at >= $2 LIMIT 1`,
    [id, offered_at],
  );
  return message !== undefined;
}

async function tellGone(context: Context, { id, customer_id, offered_start }: WaitlistEntry): Promise<void> {
  if (!offered_start) throw new Error("an offer has a time");
  const customer = await findForReference(context.db, Contact, customer_id);
  if (customer.archived_at) return;
  const values = { "offer.when": toldStart(offered_start, await settingsOf(context.db)) };
  await confirm(context, { template: "waitlist_gone", customer, entryId: id, values }, []);
}

/** Confirms the visit to the customer. `before`: when the visit was that they wanted earlier. */
export async function confirmTaken(
  context: Context,
  { customer, before, warnings }: { customer: Contact; before: Date | null; warnings: string[] },
  visit: BookedVisit,
): Promise<Confirmation> {
  const notice = noticeOf(before ? "appointment_rescheduled" : "appointment_confirmation", customer, visit);
  if (before) notice.values["before"] = toldStart(before, await settingsOf(context.db));
  return confirm(context, notice, warnings);
}

import { z } from "zod";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { type Context, defineAction } from "../core/action.ts";
import { notFound } from "../core/errors.ts";
import { findOrFail, readById, update } from "../core/records.ts";
import { instantIn } from "../core/time.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { settingsOf } from "../settings/current.ts";
import { lockCustomer } from "../ticket/lock-customer.ts";
import { answeredStart, entryId, isOfferOf } from "./fields.ts";
import { isStillFree } from "./slot.ts";
import { waitlistStates } from "./states.ts";
import { bookWork, confirmTaken, lockVisitToMove, settle } from "./take.ts";
import { workOf } from "./work.ts";

/** `gone`: somebody else was faster, or the offer has ended. They wait on. */
export interface Accepted {
  status: "booked" | "gone";
  ticket_id: string | null;
}

export const acceptOffer = defineAction({
  domain: "waitlist",
  name: "accept",
  summary:
    "Take an offered time. Only the customer can, with the link in their message; the first one gets it.",
  permission: "unrestricted",
  audience: "customer",
  input: z.strictObject({ id: entryId, window_start: answeredStart }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4", window_start: "2026-11-23T15:30" },

  undo: true,
  targets: ({ id }) => [id],

  outcome: ({ status }: Accepted) =>
    status === "booked" ? "Booked." : "The offered time has gone; they wait on.",

  async handler(context, { id, window_start }): Promise<Accepted> {
    const { db } = context;
    const seen = await readById(db, WaitlistEntry, { id });
    if (!seen) throw notFound("waitlist_entry", id);
    const settings = await settingsOf(db);
    const { offered_technician_id: technician_id } = seen;
    const start = window_start ? instantIn(settings.timezone, window_start) : seen.offered_start;
    if (!start || !technician_id || !isOfferOf(seen, start)) return release(context, id, start);
    const work = await workOf(db, seen);
    // The order of locks: the visit, the customer, the technician, entries.
    const toMove = await lockVisitToMove(db, seen);
    await lockCustomer(db, seen.customer_id);
    const isFree = !("over" in toMove) && work.isOffered && (await isStillFree(db, seen, { settings, work }));
    const entry = await findOrFail(db, WaitlistEntry, id);
    const holds = isFree && isOpen(entry, context.now) && isOfferOf(entry, start);
    if (!holds) return release(context, id, start);
    const outside_hours = entry.offered_outside_hours;
    const earlier = toMove.visit;
    const visit = await bookWork(context, entry, { start, technician_id, outside_hours, toMove: earlier });
    await settle(context, id, visit);
    const customer = await findActiveContact(db, entry.customer_id);
    await confirmTaken(context, { customer, before: earlier?.window_start ?? null, warnings: [] }, visit);
    return { status: "booked", ticket_id: visit.ticket.id };
  },
});

/** Whether the offer can be taken. */
export const isOpen = ({ state, offer_ends_at }: WaitlistEntry, now: Date): boolean =>
  state === "offered" && offer_ends_at !== null && offer_ends_at > now;

/** They wait on; who has been booked already, stays booked. An offer of another time stays open: nobody has answered it. */
async function release(context: Context, id: string, answered: Date | null): Promise<Accepted> {
  const entry = await findOrFail(context.db, WaitlistEntry, id);
  if (entry.state === "offered" && answered && isOfferOf(entry, answered))
    await update(context, entry, { state: waitlistStates.next(entry.state, "decline") });
  const isBooked = entry.state === "booked";
  return { status: isBooked ? "booked" : "gone", ticket_id: isBooked ? entry.booked_ticket_id : null };
}

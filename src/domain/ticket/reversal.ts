import type { EntityManager } from "typeorm";
import { type Obstacle, ownerOf, type Reversal, type ReversedRow, type RowImage } from "../core/reversal.ts";
import { finalizedInvoiceOf } from "./finalized-invoice.ts";
import { type BookedRow, findBookingObstacle } from "./restored-booking.ts";

export const ticketReversal: Reversal = {
  table: "ticket",
  standsFor: (row) => ({ action: `ticket.${transitionOf(row)}` }),
  async check({ db }, { id, from, to }) {
    if (!to) return null;
    if (from?.status === "completed" && to.status !== "completed") return invoiced(db, id);
    if (!booked(to) || (booked(from) && isSameBooking(from, to))) return null;
    return findBookingObstacle(db, id, to);
  },
};

export const lineItemReversal: Reversal = {
  table: "line_item",
  recordOf: ownerOf("ticket_id", "invoice_id"),
  standsFor({ from, to }) {
    if (!from) return { action: "ticket.add_line_item" };
    return { action: to ? "ticket.update_line_item" : "ticket.remove_line_item" };
  },
};

/** The action that leads from one image to the other. A booking that ends is a cancellation. */
function transitionOf({ from, to }: ReversedRow): string {
  if (!to) return from?.rescheduled_from_id ? "reschedule" : "cancel"; // The visit that it took the place of comes back.
  if (from?.status === "completed" && to.status !== "completed") return "reopen";
  if (from && from.status === to.status) return isSameBooking(from, to) ? "update" : "schedule";
  if (to.status === "unscheduled") return booked(from) ? "cancel" : "update";
  if (to.status === "scheduled") return "schedule";
  if (to.status === "in_progress") return "start";
  if (to.status === "completed") return "complete";
  return to.status === "no_show" ? "no_show" : "cancel";
}

/** Whether the visit takes up a technician's time. */
const booked = (row: RowImage | null): row is BookedRow =>
  (row?.status === "scheduled" || row?.status === "in_progress") && typeof row.technician_id === "string";

const isSameBooking = (from: RowImage, to: RowImage): boolean =>
  ["technician_id", "during"].every((column) => from[column] === to[column]);

async function invoiced(db: EntityManager, id: string): Promise<Obstacle | null> {
  const invoice = await finalizedInvoiceOf(db, id);
  return invoice && { record: invoice.id, message: `The visit is on invoice #${invoice.number}` };
}

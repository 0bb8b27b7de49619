import type { EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../database/sql.ts";
import { Ticket } from "../../entities/ticket.ts";
import { copyValues } from "../attribute/values.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { type Context, defineAction } from "../core/action.ts";
import { conflict } from "../core/errors.ts";
import { text } from "../core/fields.ts";
import { findOrFail, insert, update } from "../core/records.ts";
import { momentInput } from "../core/time.ts";
import { readRecord } from "../query/read-record.ts";
import { outsideHours, technicianId, ticketId } from "./fields.ts";
import { copyLines } from "./line-items.ts";
import { scheduleTicket } from "./schedule.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";

export const rescheduleTicket = defineAction({
  domain: "ticket",
  name: "reschedule",
  summary:
    "Move a booked visit to another time: it is cancelled and a new one takes its place, with the same work. Sends nothing.",
  permission: "unrestricted",
  input: z.strictObject({
    id: ticketId,
    window_start: momentInput.describe("New time: local 2026-11-23T15:30, or in words, next Friday at 9"),
    technician_id: technicianId
      .optional()
      .describe("Default: the visit's own technician where free, else who fits"),
    outside_hours: outsideHours.optional(),
    reason: text(1_000).optional().describe("Stored on the old visit"),
  }),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    window_start: "2026-11-23T15:30",
    reason: "Customer has a conflict.",
  },

  undo: true,
  targets: ({ id }) => [id],

  /** Returns the new visit; one without a time is scheduled and stays the same. */
  async handler(context, { id, reason, ...booking }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    if (ticket.status === "unscheduled") return context.call(scheduleTicket, { id, ...booking });
    await mustNotBeReplaced(context.db, ticket);
    await findActiveContact(context.db, ticket.customer_id);
    const status = nextStatus(ticket, "reschedule");
    // Its time is free for the new one, and so is the plan's date that it stood for.
    await update(context, ticket, { status, cancel_reason: reason ?? null, plan_date: null });
    const successor = await copyOf(context, ticket);
    await context.call(scheduleTicket, { ...booking, id: successor });
    await carryWish(context, id, successor);
    return readRecord(context, tickets, { id: successor, include: ["line_items"] });
  },
});

/** Who waits for an earlier time than the old visit's waits for an earlier one than the new visit's. */
async function carryWish({ db, now }: Context, id: string, successor: string): Promise<void> {
  await rows(
    db,
    `UPDATE waitlist_entry SET ticket_id = $2, version = version + 1, updated_at = $3
     WHERE ticket_id = $1 AND state IN ('waiting', 'offered')`,
    [id, successor, now],
  );
}

/** Throws `conflict` that names the visit which took the place of this one. */
export async function mustNotBeReplaced(db: EntityManager, { id, number }: Ticket): Promise<void> {
  const successor = await successorOf(db, id);
  if (!successor) return;
  throw conflict(
    `Visit #${number} has been rescheduled already: visit #${successor.number} took its place.`,
    `Use ${successor.id} instead.`,
    { rescheduled_to_id: successor.id },
  );
}

/** The visit that took the place of this one, after all moves. */
export async function successorOf(
  db: EntityManager,
  id: string,
): Promise<Pick<Ticket, "id" | "number"> | undefined> {
  const [last] = await rows<Pick<Ticket, "id" | "number">>(
    db,
    `WITH RECURSIVE later AS (
       SELECT id, number, 1 AS nth FROM ticket WHERE rescheduled_from_id = $1
       UNION ALL SELECT t.id, t.number, nth + 1 FROM ticket t JOIN later ON t.rescheduled_from_id = later.id)
     SELECT id, number FROM later ORDER BY nth DESC LIMIT 1`,
    [id],
  );
  return last;
}

/** A new visit without a time and a technician, with the same customer, address, work, prices, notes and custom fields. */
async function copyOf(context: Context, ticket: Ticket): Promise<string> {
  const { customer_id, address_id, duration_minutes, notes, plan_id, plan_date, planned_start } = ticket;
  const { id } = await insert(context, Ticket, {
    ...{ customer_id, address_id, duration_minutes, notes, plan_id, plan_date, planned_start },
    rescheduled_from_id: ticket.id,
  });
  await copyLines(context, ticket.id, id);
  await copyValues(context, ticket.id, id);
  return id;
}

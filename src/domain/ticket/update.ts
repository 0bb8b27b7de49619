import { z } from "zod";
import type { Context } from "../core/action.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { changesSome, text, versionInput } from "../core/fields.ts";
import { addMinutes } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { checkVisitAddress } from "./visit-address.ts";
import { bookAppointment } from "./appointment.ts";
import { durationMinutes, outsideHours, ticketId } from "./fields.ts";
import { lockCustomer } from "./lock-customer.ts";
import { mustNotBe } from "./states.ts";
import { addressId } from "../contact/fields.ts";
import { tickets } from "./type.ts";

const fields = {
  notes: text(20_000).nullable().describe("For the technician; null clears"),
  duration_minutes: durationMinutes.describe("Changes the end of a booked visit"),
  change_requested: z.literal(false).describe("The customer's wish for another time is settled"),
  address_id: addressId.nullable().describe("Where; one of the customer's own addresses"),
};

export const updateTicket = defineAction({
  domain: "ticket",
  name: "update",
  summary:
    "Change notes, duration or address of a visit. Time, technician and status have their own actions.",
  permission: "unrestricted",
  input: z
    .strictObject(fields)
    .partial()
    .extend({ id: ticketId, version: versionInput, outside_hours: outsideHours.optional() })
    .refine(...changesSome(fields)),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", notes: "Ring twice; the dog is friendly." },

  undo: true,
  targets: ({ id }) => [id],

  async handler(
    context,
    { id, version, duration_minutes: minutes, outside_hours, change_requested, ...rest },
  ) {
    const { db } = context;
    const ticket = await findOrFail(db, Ticket, id);
    expectVersion("ticket", ticket, version);
    if (rest.address_id) await checkVisitAddress(db, rest.address_id, ticket.customer_id);
    if (minutes) await lockCustomer(db, ticket.customer_id); // Notes are written after the technician is locked.
    const booking = minutes && (await withDuration(context, ticket, { minutes, outside_hours }));
    const settled = change_requested === false && { change_requested_at: null };
    await update(context, ticket, { ...rest, ...booking, ...settled });
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

/** A booked visit keeps its start and technician; the technician must be free until the new end. */
async function withDuration(
  { db, now }: Context,
  ticket: Ticket,
  { minutes, outside_hours = ticket.outside_hours }: { minutes: number; outside_hours?: boolean | undefined },
): Promise<Partial<Ticket>> {
  mustNotBe(["completed", "cancelled", "no_show"], ticket, "change its duration");
  const { window_start: from, technician_id } = ticket;
  if (!from || !technician_id) return { duration_minutes: minutes };
  const settings = await settingsOf(db);
  return bookAppointment(
    db,
    { ticket, settings, now },
    { from, to: addMinutes(from, minutes), minutes, outside_hours },
  );
}

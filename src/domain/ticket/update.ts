import type { Context } from "../core/context.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { text } from "../core/text.ts";
import { addMinutes } from "../core/time.ts";
import { updateInput } from "../core/update-input.ts";
import { settingsOf } from "../settings/current.ts";
import { mustBeTheirs } from "./address.ts";
import { bookingOf } from "./booking.ts";
import { durationMinutes, ticketId } from "./fields.ts";
import { mustNotBe } from "./states.ts";
import { addressId } from "../contact/fields.ts";
import { tickets } from "./type.ts";

const fields = {
  notes: text(20_000).nullable().describe("For the technician; null clears"),
  duration_minutes: durationMinutes.describe("How long it takes; a booked visit then ends earlier or later"),
  address_id: addressId.nullable().describe("Where; one of the customer's own addresses"),
};

export const updateTicket = defineAction({
  domain: "ticket",
  name: "update",
  summary:
    "Change notes, duration or address of a visit. Not its time, technician or state: each has its own action.",
  permission: "unrestricted",
  input: updateInput(ticketId, fields),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", notes: "Ring twice; the dog is friendly." },

  undo: { level: "ticket.update" },
  targets: ({ id }) => [id],

  async handler(context, { id, version, duration_minutes, ...rest }) {
    const { db } = context;
    const ticket = await findOrFail(db, Ticket, id);
    expectVersion("ticket", ticket, version);
    if (rest.address_id) await mustBeTheirs(db, rest.address_id, ticket.customer_id);
    const booking = duration_minutes && (await lasting(context, ticket, duration_minutes));
    await update(context, Ticket, ticket, { ...rest, ...booking });
    return readRecord(db, tickets, id, ["line_items"]);
  },
});

/** A visit with an appointment keeps its start and its technician, who must be free until the new end. */
async function lasting({ db }: Context, ticket: Ticket, minutes: number): Promise<Partial<Ticket>> {
  mustNotBe(["completed", "cancelled", "no_show"], ticket, "last longer or shorter");
  const { window_start: from, technician_id } = ticket;
  if (!from || !technician_id) return { duration_minutes: minutes };
  const settings = await settingsOf(db);
  return bookingOf(db, { ticket, settings }, { from, to: addMinutes(from, minutes), minutes });
}

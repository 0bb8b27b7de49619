import { z } from "zod";
import type { Context } from "../core/context.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { versionInput } from "../core/update-input.ts";
import { settingsOf } from "../settings/current.ts";
import { bookingOf } from "./booking.ts";
import { technicianId, ticketId } from "./fields.ts";
import { mustNotBe } from "./states.ts";
import { lockTechnicianOf } from "./technician.ts";
import { tickets } from "./type.ts";

export const assignTicket = defineAction({
  domain: "ticket",
  name: "assign",
  summary:
    "Say which technician goes to a visit: one with the skills its services need. One who is busy then answers with free alternatives.",
  permission: "unrestricted",
  input: z.strictObject({ id: ticketId, technician_id: technicianId, version: versionInput }),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    technician_id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4",
  },

  undo: { level: "ticket.assign" },
  targets: ({ id }) => [id],

  async handler(context, { id, technician_id, version }) {
    const { db } = context;
    const ticket = await findOrFail(db, Ticket, id);
    expectVersion("ticket", ticket, version);
    mustNotBe(["completed", "cancelled", "no_show"], ticket, "be assigned");
    await update(context, Ticket, ticket, await assigned(context, ticket, technician_id));
    return readRecord(db, tickets, id, ["line_items"]);
  },
});

/** With an appointment, only who is free then. */
async function assigned({ db }: Context, ticket: Ticket, technician_id: string): Promise<Partial<Ticket>> {
  const { window_start: from, window_end: to, duration_minutes: minutes } = ticket;
  if (!from || !to) return { technician_id: (await lockTechnicianOf(db, ticket, technician_id)).id };
  const settings = await settingsOf(db);
  return bookingOf(db, { ticket, settings }, { from, to, minutes, technician_id });
}

import { z } from "zod";
import type { Context } from "../core/action.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { versionInput } from "../core/fields.ts";
import { settingsOf } from "../settings/current.ts";
import { bookAppointment } from "./appointment.ts";
import { outsideHours, technicianId, ticketId } from "./fields.ts";
import { mustNotBe } from "./states.ts";
import { requiredSkillsOf } from "./required-skills.ts";
import { lockTechnician } from "./technician-choice.ts";
import { tickets } from "./type.ts";

export const assignTicket = defineAction({
  domain: "ticket",
  name: "assign",
  summary:
    "Assign a technician with the required skills to a visit. If they are busy, the error lists free times.",
  permission: "unrestricted",
  input: z.strictObject({
    id: ticketId,
    technician_id: technicianId,
    outside_hours: outsideHours.optional(),
    version: versionInput,
  }),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    technician_id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4",
  },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...wanted }) {
    const { db } = context;
    const ticket = await findOrFail(db, Ticket, id);
    expectVersion("ticket", ticket, version);
    mustNotBe(["completed", "cancelled", "no_show"], ticket, "be assigned");
    await update(context, ticket, await withTechnician(context, ticket, wanted));
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

/** A booked visit accepts only a technician who is free at its time. */
async function withTechnician(
  { db, now }: Context,
  ticket: Ticket,
  {
    technician_id,
    outside_hours = ticket.outside_hours,
  }: { technician_id: string; outside_hours?: boolean | undefined },
): Promise<Partial<Ticket>> {
  const { window_start: from, window_end: to, duration_minutes: minutes } = ticket;
  if (!from || !to) {
    const required = await requiredSkillsOf(db, ticket.id);
    return { technician_id: (await lockTechnician(db, technician_id, required)).id };
  }
  const settings = await settingsOf(db);
  return bookAppointment(db, { ticket, settings, now }, { from, to, minutes, technician_id, outside_hours });
}

import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { bookingOf } from "./booking.ts";
import { durationMinutes, technicianId, ticketId } from "./fields.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";
import { windowOf } from "./window.ts";

export const scheduleTicket = defineAction({
  domain: "ticket",
  name: "schedule",
  summary:
    "Book a time and a technician for a visit that has none yet. A taken slot answers with free alternatives.",
  permission: "unrestricted",
  input: z
    .strictObject({
      id: ticketId,
      window_start: momentInput.describe("Local time of the business, 2026-11-23T15:30, or with an offset"),
      window_end: momentInput.optional().describe("As window_start; the visit's own duration where left out"),
      duration_minutes: durationMinutes.optional(),
      technician_id: technicianId
        .optional()
        .describe(
          "Who goes; where left out the visit's own, or the only one with the skills its services need",
        ),
    })
    .refine(({ window_end, duration_minutes }) => !(window_end && duration_minutes), {
      path: ["window_end"],
      error: "goes without duration_minutes; give one of the two",
    }),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    window_start: "2026-11-23T15:30",
    duration_minutes: 60,
  },

  undo: { level: "ticket.cancel" },
  targets: ({ id }) => [id],

  async handler(context, { id, technician_id, ...wanted }) {
    const { db, now } = context;
    const ticket = await findOrFail(db, Ticket, id);
    const status = nextStatus(ticket, "schedule");
    const settings = await settingsOf(db);
    const { from, to, minutes } = windowOf(wanted, ticket.duration_minutes, { now, zone: settings.timezone });
    const booking = await bookingOf(db, { ticket, settings }, { from, to, minutes, technician_id });
    await update(context, Ticket, ticket, { status, ...booking });
    return readRecord(db, tickets, id, ["line_items"]);
  },
});

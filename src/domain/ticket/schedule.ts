import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { local } from "../core/local-kinds.ts";
import { momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { parseAppointmentWindow } from "../schedule/appointment-window.ts";
import { bookAppointment } from "./appointment.ts";
import { durationMinutes, outsideHours, technicianId, ticketId } from "./fields.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";

export const scheduleTicket = defineAction({
  domain: "ticket",
  name: "schedule",
  summary:
    "Book a time and a technician for an unscheduled visit. If the slot is taken, the error lists free ones.",
  permission: "unrestricted",
  input: z
    .strictObject({
      id: ticketId,
      window_start: local(
        momentInput.describe("Local time of the business, 2026-11-23T15:30, or in words: tomorrow at 2pm"),
        { takes: "moment", end: "window_end" },
      ),
      window_end: local(
        momentInput.describe("As window_start, or a time of the same day; default: start plus duration"),
        { takes: "moment", start: "window_start" },
      ).optional(),
      duration_minutes: durationMinutes.optional(),
      technician_id: technicianId
        .optional()
        .describe("Default: the visit's own technician, or the best of those with the skills and the time"),
      outside_hours: outsideHours.optional(),
    })
    .refine(({ window_end, duration_minutes }) => !(window_end && duration_minutes), {
      path: ["window_end"],
      error: "cannot be combined with duration_minutes; give one of the two",
    }),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    window_start: "2026-11-23T15:30",
    duration_minutes: 60,
  },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, technician_id, outside_hours, ...requested }) {
    const { db, now } = context;
    const ticket = await findOrFail(db, Ticket, id);
    const status = nextStatus(ticket, "schedule");
    const settings = await settingsOf(db);
    const window = parseAppointmentWindow(requested, ticket.duration_minutes, {
      now,
      zone: settings.timezone,
    });
    const booking = await bookAppointment(
      db,
      { ticket, settings, now },
      { ...window, technician_id, outside_hours },
    );
    await update(context, ticket, { status, ...booking, needs_time_reason: null });
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

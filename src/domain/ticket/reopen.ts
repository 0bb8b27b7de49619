import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { CrmError, validationFailed } from "../core/errors.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { parseAppointmentWindow } from "../schedule/appointment-window.ts";
import { bookAppointment } from "./appointment.ts";
import { outsideHours, technicianId, ticketId } from "./fields.ts";
import { finalizedInvoiceOf } from "./finalized-invoice.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";

export const reopenTicket = defineAction({
  domain: "ticket",
  name: "reopen",
  summary: "Set a completed visit back to scheduled. Refused once it is invoiced. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: ticketId,
    window_start: momentInput
      .optional()
      .describe("New time: 2026-11-23T15:30, next Friday at 9; default: the old one"),
    technician_id: technicianId.optional().describe("Default: the visit's own technician"),
    outside_hours: outsideHours.optional(),
  }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", window_start: "2026-11-23T15:30" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, window_start, technician_id, outside_hours: insists }) {
    const { db, now } = context;
    const ticket = await findOrFail(db, Ticket, id);
    const status = nextStatus(ticket, "reopen");
    await mustNotBeInvoiced(db, ticket);
    const settings = await settingsOf(db);
    const { duration_minutes: minutes } = ticket;
    const window = window_start
      ? parseAppointmentWindow({ window_start }, minutes, { now, zone: settings.timezone })
      : { ...previousWindow(ticket), minutes };
    const outside_hours = insists ?? (window_start === undefined && ticket.outside_hours);
    const requested = { ...window, technician_id, outside_hours };
    const booking = await bookAppointment(db, { ticket, settings, now }, requested);
    await update(context, ticket, { status, ...booking, actual_start: null, actual_end: null });
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

async function mustNotBeInvoiced(db: EntityManager, { id, number }: Ticket): Promise<void> {
  const invoice = await finalizedInvoiceOf(db, id);
  if (!invoice) return;
  throw new CrmError("invalid_state", `Ticket #${number} is already on invoice #${invoice.number}.`, {
    hint: "Create a new visit for more work (ticket.create), or void the invoice first.",
    extra: { invoice_id: invoice.id },
  });
}

function previousWindow({ window_start, window_end }: Ticket) {
  if (window_start && window_end) return { from: window_start, to: window_end };
  throw validationFailed([
    { path: "data.window_start", message: "is required: this visit had no appointment" },
  ]);
}

import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Invoice } from "../../entities/invoice.ts";
import { Ticket } from "../../entities/ticket.ts";
import { rows } from "../../entities/database.ts";
import { defineAction } from "../core/action.ts";
import { CrmError, validationFailed } from "../core/errors.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { bookingOf } from "./booking.ts";
import { technicianId, ticketId } from "./fields.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";
import { windowOf } from "./window.ts";

export const reopenTicket = defineAction({
  domain: "ticket",
  name: "reopen",
  summary:
    "Take back that a visit was completed: it is scheduled again. Not once it is billed. Give your reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: ticketId,
    window_start: momentInput
      .optional()
      .describe("A new time: local time 2026-11-23T15:30, or with an offset; its old one where left out"),
    technician_id: technicianId.optional().describe("Who goes; the visit's own where left out"),
  }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", window_start: "2026-11-23T15:30" },

  undo: { level: "ticket.complete" },
  targets: ({ id }) => [id],

  async handler(context, { id, window_start, technician_id }) {
    const { db, now } = context;
    const ticket = await findOrFail(db, Ticket, id);
    const status = nextStatus(ticket, "reopen");
    await mustNotBeBilled(db, ticket);
    const settings = await settingsOf(db);
    const { duration_minutes: minutes } = ticket;
    const window = window_start
      ? windowOf({ window_start }, minutes, { now, zone: settings.timezone })
      : { ...oldWindow(ticket), minutes };
    const booking = await bookingOf(db, { ticket, settings }, { ...window, technician_id });
    await update(context, Ticket, ticket, { status, ...booking, actual_start: null, actual_end: null });
    return readRecord(db, tickets, id, ["line_items"]);
  },
});

/** A draft may be made anew, and what is void bills nothing. */
async function mustNotBeBilled(db: EntityManager, { id, number }: Ticket): Promise<void> {
  const [invoice] = await rows<Pick<Invoice, "id" | "number">>(
    db,
    "SELECT id, number FROM invoice WHERE ticket_id = $1 AND status NOT IN ('draft', 'void') LIMIT 1",
    [id],
  );
  if (!invoice) return;
  throw new CrmError("invalid_state", `Ticket #${number} is billed by invoice #${invoice.number}.`, {
    hint: "Open a new visit for more work (ticket.create), or void the invoice first.",
    extra: { invoice_id: invoice.id },
  });
}

function oldWindow({ window_start, window_end }: Ticket) {
  if (window_start && window_end) return { from: window_start, to: window_end };
  throw validationFailed([
    { path: "data.window_start", message: "is needed: this visit was done without an appointment" },
  ]);
}

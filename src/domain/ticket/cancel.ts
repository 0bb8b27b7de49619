import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { ticketId } from "./fields.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";

export const cancelTicket = defineAction({
  domain: "ticket",
  name: "cancel",
  summary: "Cancel a visit that has not started. Its time becomes free. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: ticketId,
    reason: text(1_000).optional().describe("Stored on the visit"),
  }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "Customer is away that week." },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, reason }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    const status = nextStatus(ticket, "cancel");
    await update(context, ticket, { status, cancel_reason: reason ?? null });
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { ticketId } from "./fields.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";

export const noShowTicket = defineAction({
  domain: "ticket",
  name: "no_show",
  summary:
    "Mark that the customer was not there. The visit ends and its time becomes free. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: ticketId,
    reason: text(1_000).optional().describe("Stored on the visit"),
  }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "Nobody opened, nobody answered the phone." },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, reason }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    const status = nextStatus(ticket, "no_show");
    await update(context, ticket, { status, cancel_reason: reason ?? null });
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

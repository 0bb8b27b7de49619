import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/text.ts";
import { ticketId } from "./fields.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";

export const noShowTicket = defineAction({
  domain: "ticket",
  name: "no_show",
  summary:
    "Say that the customer was not there; the visit is over, its time free again. Give your reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: ticketId,
    reason: text(1_000).optional().describe("Kept on the visit"),
  }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "Nobody opened, nobody answered the phone." },

  destructive: true,
  undo: { level: "ticket.schedule" },
  targets: ({ id }) => [id],

  async handler(context, { id, reason }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    const status = nextStatus(ticket, "no_show");
    await update(context, Ticket, ticket, { status, cancel_reason: reason ?? null });
    return readRecord(context.db, tickets, id, ["line_items"]);
  },
});

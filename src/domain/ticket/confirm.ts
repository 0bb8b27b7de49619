import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { ticketId } from "./fields.ts";
import { checkStillAhead } from "./still-ahead.ts";

export const confirmTicket = defineAction({
  domain: "ticket",
  name: "confirm",
  summary: "Confirm that the time of a visit suits. Only the customer can, with the link in their message.",
  permission: "unrestricted",
  audience: "customer",
  input: z.strictObject({ id: ticketId }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    checkStillAhead(ticket, context.now);
    const { confirmed_at } = ticket.confirmed_at
      ? ticket
      : await update(context, ticket, { confirmed_at: context.now, change_requested_at: null });
    return { id, confirmed_at };
  },
});

import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { text } from "../core/fields.ts";
import { findOrFail, update } from "../core/records.ts";
import { logInboundMessage } from "../message/log-inbound.ts";
import { ticketId } from "./fields.ts";
import { checkStillAhead } from "./still-ahead.ts";

export const requestTicketChange = defineAction({
  domain: "ticket",
  name: "request_change",
  summary: "Ask for another time for a visit. Only the customer can, with the link in their message.",
  permission: "unrestricted",
  audience: "customer",
  input: z.strictObject({
    id: ticketId,
    message: text(2_000).describe("What would suit them, word for word"),
  }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4", message: "Could you come in the afternoon?" },

  undo: true,
  targets: ({ id }) => [id],

  /** The visit stays booked: the office moves it, and knows from the message what would suit. */
  async handler(context, { id, message }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    checkStillAhead(ticket, context.now);
    await update(context, ticket, { change_requested_at: context.now, confirmed_at: null });
    await context.call(logInboundMessage, {
      customer_id: ticket.customer_id,
      channel: "note",
      body: message,
      about_id: id,
    });
    return { id, change_requested_at: context.now };
  },
});

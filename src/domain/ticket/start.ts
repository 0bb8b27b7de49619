import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { ticketId } from "./fields.ts";
import { nextStatus } from "./states.ts";
import { tickets } from "./type.ts";

export const startTicket = defineAction({
  domain: "ticket",
  name: "start",
  summary: "Mark that work on a visit starts now. The visit may be unscheduled.",
  permission: "unrestricted",
  input: z.strictObject({ id: ticketId }),
  example: { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    await update(context, ticket, { status: nextStatus(ticket, "start"), actual_start: context.now });
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

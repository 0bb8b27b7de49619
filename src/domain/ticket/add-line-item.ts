import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail } from "../core/records.ts";
import { lineChoice, lineIsWhole, wholeLines } from "./chosen-lines.ts";
import { ticketId } from "./fields.ts";
import { insertLines } from "./line-items.ts";
import { mustNotBe } from "./states.ts";
import { mustManage } from "./technician.ts";
import { tickets } from "./type.ts";

export const addLineItem = defineAction({
  domain: "ticket",
  name: "add_line_item",
  summary:
    "Add a priced line to a visit: a service, work or material; also after it was completed. Whoever is to go there must have the service's skill: assign first.",
  permission: "unrestricted",
  input: z.strictObject({ id: ticketId, ...lineChoice }).superRefine(lineIsWhole),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    description: "Screen cleaning",
    quantity: 12,
    unit_price_cents: 500,
  },

  undo: { level: "ticket.remove_line_item" },
  targets: ({ id }) => [id],

  async handler(context, { id, ...line }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    mustNotBe(["cancelled", "no_show"], ticket, "take a line item");
    const { lines, needs } = await wholeLines(context.db, [line], () => "data");
    await mustManage(context.db, ticket, needs);
    await insertLines(context, id, lines);
    return readRecord(context.db, tickets, id, ["line_items"]);
  },
});

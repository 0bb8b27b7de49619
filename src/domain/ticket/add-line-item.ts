import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail } from "../core/records.ts";
import { lineFieldsOrService, checkLine, resolveLines } from "./line-item-input.ts";
import { ticketId } from "./fields.ts";
import { insertLines } from "./line-items.ts";
import { mustNotBe } from "./states.ts";
import { checkSkillsOfAssigned } from "./technician-choice.ts";
import { tickets } from "./type.ts";

export const addLineItem = defineAction({
  domain: "ticket",
  name: "add_line_item",
  summary:
    "Add a priced line (service, work or material) to a visit, even a completed one. The assigned technician must have the service's skill.",
  permission: "unrestricted",
  input: z.strictObject({ id: ticketId, ...lineFieldsOrService }).superRefine(checkLine),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    description: "Screen cleaning",
    quantity: 12,
    unit_price_cents: 500,
  },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, ...line }) {
    const ticket = await findOrFail(context.db, Ticket, id);
    mustNotBe(["cancelled", "no_show"], ticket, "get a line item");
    const { lines, requiredSkills } = await resolveLines(context.db, [line], () => "data");
    await checkSkillsOfAssigned(context.db, ticket, requiredSkills);
    await insertLines(context, id, lines);
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

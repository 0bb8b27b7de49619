import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { mustBeActive } from "../contact/active.ts";
import { attributesInput, giveAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { idOf } from "../core/ids.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/text.ts";
import { momentInput } from "../core/time.ts";
import { mustBeTheirs } from "./address.ts";
import { lineInput, wholeLines } from "./chosen-lines.ts";
import { durationMinutes, LONGEST_VISIT_MINUTES, technicianId } from "./fields.ts";
import { insertLines } from "./line-items.ts";
import { scheduleTicket } from "./schedule.ts";
import { lockTechnician } from "./technician.ts";
import { tickets } from "./type.ts";

const USUAL_MINUTES = 60;

export const createTicket = defineAction({
  domain: "ticket",
  name: "create",
  summary:
    "Open a visit for a customer, priced or not; with window_start it is booked at once, without it waits for a time.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: idOf("contact").describe("Whom the visit is for"),
    address_id: idOf("address").optional().describe("Where; one of the customer's own addresses"),
    line_items: z.array(lineInput).max(50).default([]).describe("What is done and what it costs"),
    duration_minutes: durationMinutes
      .optional()
      .describe("How long the visit takes; where left out what its services take together, else 60"),
    ...attributesInput,
    notes: text(20_000).optional().describe("For the technician"),
    technician_id: technicianId
      .optional()
      .describe("Who goes; when it is booked, the only one with the skills its services need where left out"),
    window_start: momentInput.optional().describe("Books it: local time 2026-11-23T15:30, or with an offset"),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    line_items: [{ description: "Screen cleaning", unit_price_cents: 9_000 }],
    duration_minutes: 60,
    window_start: "2026-11-23T15:30",
  },

  undo: { level: "ticket.cancel" },
  targets: ({ customer_id }) => [customer_id],

  async handler(context, { line_items, window_start, attributes, ...visit }) {
    const { db } = context;
    await mustBeActive(db, visit.customer_id);
    if (visit.address_id) await mustBeTheirs(db, visit.address_id, visit.customer_id);
    const { lines, minutes, needs } = await wholeLines(db, line_items, (index) => `data.line_items.${index}`);
    const duration_minutes =
      visit.duration_minutes ?? Math.min(minutes || USUAL_MINUTES, LONGEST_VISIT_MINUTES);
    if (visit.technician_id) await lockTechnician(db, visit.technician_id, needs);
    const { id } = await insert(context, Ticket, { ...visit, duration_minutes });
    await insertLines(context, id, lines);
    await giveAttributes(context, id, attributes);
    if (window_start) return context.call(scheduleTicket, { id, window_start });
    return readRecord(db, tickets, id, ["line_items"]);
  },
});

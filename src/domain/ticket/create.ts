import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { attributesInput, setInitialAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { idOf } from "../core/ids.ts";
import { readRecord } from "../query/read-record.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { momentInput } from "../core/time.ts";
import { checkVisitAddress } from "./visit-address.ts";
import { lineInput, resolveLines } from "./line-item-input.ts";
import { LONGEST_VISIT_MINUTES } from "../schedule/appointment-window.ts";
import { DEFAULT_MINUTES, durationMinutes, outsideHours, technicianId } from "./fields.ts";
import { insertLines } from "./line-items.ts";
import { lockCustomer } from "./lock-customer.ts";
import { scheduleTicket } from "./schedule.ts";
import { lockTechnician } from "./technician-choice.ts";
import { tickets } from "./type.ts";

export const createTicket = defineAction({
  domain: "ticket",
  name: "create",
  summary:
    "Create a visit for a customer, with or without prices. With window_start it is booked at once, otherwise it stays unscheduled.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: idOf("contact").describe("Customer the visit is for"),
    address_id: idOf("address").optional().describe("Where; one of the customer's own addresses"),
    line_items: z.array(lineInput).max(50).default([]).describe("What is done and what it costs"),
    duration_minutes: durationMinutes
      .optional()
      .describe("How long the visit takes; default: the sum of its services, else 60"),
    ...attributesInput,
    notes: text(20_000).optional().describe("For the technician"),
    technician_id: technicianId
      .optional()
      .describe("Default when booked: the best of those with the skills and the time"),
    window_start: momentInput
      .optional()
      .describe("Books it: local time 2026-11-23T15:30, or in words, next Friday at 9"),
    outside_hours: outsideHours.optional(),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    line_items: [{ description: "Screen cleaning", unit_price_cents: 9_000 }],
    duration_minutes: 60,
    window_start: "2026-11-23T15:30",
  },

  undo: true,
  targets: ({ customer_id }) => [customer_id],

  async handler(context, { line_items, window_start, outside_hours, attributes, ...visit }) {
    const { db } = context;
    await findActiveContact(db, visit.customer_id);
    if (visit.address_id) await checkVisitAddress(db, visit.address_id, visit.customer_id);
    const { lines, minutes, requiredSkills } = await resolveLines(
      db,
      line_items,
      (index) => `data.line_items.${index}`,
    );
    const duration_minutes =
      visit.duration_minutes ?? Math.min(minutes || DEFAULT_MINUTES, LONGEST_VISIT_MINUTES);
    if (visit.technician_id) {
      await lockCustomer(db, visit.customer_id);
      await lockTechnician(db, visit.technician_id, requiredSkills);
    }
    const { id } = await insert(context, Ticket, { ...visit, duration_minutes });
    await insertLines(context, id, lines);
    await setInitialAttributes(context, id, attributes);
    if (window_start) return context.call(scheduleTicket, { id, window_start, outside_hours });
    return readRecord(context, tickets, { id, include: ["line_items"] });
  },
});

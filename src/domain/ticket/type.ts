import { z } from "zod";
import { TICKET_STATUSES } from "../../entities/ticket.ts";
import { addressShape, contactShape } from "../contact/shape.ts";
import { dayBounds } from "../core/calendar.ts";
import { idOf } from "../core/ids.ts";
import { defineFilter, type Moment, type RecordType } from "../core/record-type.ts";
import { instantIn, momentInput } from "../core/time.ts";
import { lineItemShape, technicianShape, ticketShape } from "./shape.ts";

const status = z.enum(TICKET_STATUSES);
const day = z.union([z.iso.date(), z.enum(["yesterday", "today", "tomorrow"])], {
  error: "must be YYYY-MM-DD, yesterday, today or tomorrow",
});
const bound = z.union([momentInput, day], {
  error: "must be YYYY-MM-DD, today, tomorrow, or a date and time such as 2026-11-23T15:30",
});

/** A day stands for its first instant, or where it is the end for its last; a date and time for itself. */
const instantOf = (value: string, edge: "from" | "to", moment: Moment): Date =>
  value.includes("T") ? instantIn(moment.zone, value) : dayBounds(value, moment)[edge];

export const tickets: RecordType = {
  type: "tickets",
  description: "Visits: work at a customer's address, at an agreed time or not yet.",
  shape: ticketShape,
  filters: {
    status: defineFilter({
      description: `A status or a list of them: ${TICKET_STATUSES.join(", ")}`,
      schema: z.union([status, z.array(status).min(1).max(TICKET_STATUSES.length)], {
        error: `must be one of ${TICKET_STATUSES.join(", ")}, or a list of them`,
      }),
      where: (value, bind) => `r.status = ANY(${bind([value].flat())}::text[])`,
    }),
    customer_id: defineFilter({
      description: "Visits of this contact",
      schema: idOf("contact"),
      where: (id, bind) => `r.customer_id = ${bind(id)}`,
    }),
    technician_id: defineFilter({
      description: "Visits of this technician",
      schema: idOf("technician"),
      where: (id, bind) => `r.technician_id = ${bind(id)}`,
    }),
    date: defineFilter({
      description: "Begins on this day of the business: YYYY-MM-DD, yesterday, today or tomorrow",
      schema: day,
      where(value, bind, moment) {
        const { from, to } = dayBounds(value, moment);
        return `r.window_start >= ${bind(from)} AND r.window_start < ${bind(to)}`;
      },
    }),
    window_from: defineFilter({
      description: "Begins at this time (YYYY-MM-DDTHH:MM, local or with offset) or day, or later",
      schema: bound,
      where: (value, bind, moment) => `r.window_start >= ${bind(instantOf(value, "from", moment))}`,
    }),
    window_to: defineFilter({
      description: "Begins before this time, or on this day or earlier",
      schema: bound,
      where: (value, bind, moment) => `r.window_start < ${bind(instantOf(value, "to", moment))}`,
    }),
  },
  includes: {
    customer: { shape: contactShape, one: "customer_id" },
    address: { shape: addressShape, one: "address_id" },
    line_items: { shape: lineItemShape, many: "ticket_id", order: "r.created_at, r.id" },
    technician: { shape: technicianShape, one: "technician_id" },
  },
  search: {
    text: [
      "(SELECT c.name || ' ' || COALESCE(c.company, '') FROM contact c WHERE c.id = r.customer_id)",
      "'#' || r.number",
      "COALESCE(r.notes, '')",
    ],
  },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    window_start: { by: "r.window_start", as: "timestamptz", nullable: true },
    number: { by: "r.number", as: "bigint" },
  },
  defaultSort: "-created_at",
};

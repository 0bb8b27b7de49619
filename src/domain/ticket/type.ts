import { TICKET_STATUSES } from "../../entities/ticket.ts";
import { attributeFilter } from "../attribute/filter.ts";
import { addressShape, contactShape } from "../contact/shape.ts";
import { customer, fromInstant, onDay, oneOf, reference, toInstant } from "../core/filters.ts";
import type { RecordType } from "../core/record-type.ts";
import { invoiceShape } from "../invoice/shape.ts";
import { messageShape } from "../message/shape.ts";
import { lineItemShape, technicianShape, ticketShape } from "./shape.ts";

export const tickets: RecordType = {
  type: "tickets",
  description: "Visits: work at a customer's address, at an agreed time or not yet.",
  shape: ticketShape,
  filters: {
    status: oneOf("r.status", TICKET_STATUSES, "A status or a list of them"),
    customer_id: customer("Visits of this contact"),
    technician_id: reference("r.technician_id", "technician", "Visits of this technician"),
    date: onDay("r.window_start", "Begins on this day of the business"),
    window_from: fromInstant(
      "r.window_start",
      "Begins at this time (YYYY-MM-DDTHH:MM, local or with offset) or day, or later",
    ),
    window_to: toInstant("r.window_start", "Begins before this time, or on this day or earlier"),
    attributes: attributeFilter("ticket"),
  },
  includes: {
    customer: { shape: contactShape, one: "customer_id" },
    address: { shape: addressShape, one: "address_id" },
    line_items: { shape: lineItemShape, many: "ticket_id", order: "r.created_at, r.id", part: true },
    technician: { shape: technicianShape, one: "technician_id" },
    messages: { shape: messageShape, many: "about_id", order: "r.created_at DESC, r.id DESC" },
    invoices: { shape: invoiceShape, many: "ticket_id", order: "r.created_at DESC, r.id DESC" },
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

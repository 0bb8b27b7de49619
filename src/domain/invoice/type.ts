import { INVOICE_STATUSES } from "../../entities/invoice.ts";
import { contactShape } from "../contact/shape.ts";
import { dateOf } from "../core/calendar.ts";
import { customer, flagInput, fromDate, oneOf, reference, toDate } from "../core/filters.ts";
import { defineFilter, type RecordType } from "../core/record-type.ts";
import { lineItemShape, ticketShape } from "../ticket/shape.ts";
import { invoiceShape, overdueOn } from "./shape.ts";

export const invoices: RecordType = {
  type: "invoices",
  description: "Invoices: what customers owe and paid. Numbered once finalized; a draft has no number yet.",
  shape: invoiceShape,
  filters: {
    status: oneOf("r.status", INVOICE_STATUSES, "A status or a list of them"),
    customer_id: customer("Invoices of this contact"),
    ticket_id: reference("r.ticket_id", "ticket", "Invoices of this ticket"),
    issued_from: fromDate("r.issue_date", "Issued on this day of the business or later"),
    issued_to: toDate("r.issue_date", "Issued on this day or earlier"),
    due_from: fromDate("r.due_date", "Due on this day of the business or later"),
    due_to: toDate("r.due_date", "Due on this day or earlier"),
    overdue: defineFilter({
      description: "Past the due date and not paid: true or false",
      schema: flagInput,
      where(value, bind, moment) {
        const today = `${bind(dateOf("today", moment).toString())}::date`;
        return `COALESCE(${overdueOn(today)}, false) = ${bind(String(value))}::boolean`;
      },
    }),
  },
  includes: {
    customer: { shape: contactShape, one: "customer_id" },
    ticket: { shape: ticketShape, one: "ticket_id" },
    line_items: { shape: lineItemShape, many: "invoice_id", order: "r.created_at, r.id", part: true },
  },
  search: {
    text: [
      "COALESCE(r.customer_name, (SELECT c.name FROM contact c WHERE c.id = r.customer_id), '')",
      "COALESCE('#' || r.number, '')",
      "COALESCE(r.notes, '')",
    ],
  },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    issue_date: { by: "r.issue_date", as: "date", nullable: true },
    due_date: { by: "r.due_date", as: "date", nullable: true },
    total_cents: { by: "r.total_cents", as: "bigint" },
    due_cents: { by: "r.due_cents", as: "bigint" },
  },
  defaultSort: "-created_at",
};

import { INVOICE_STATUSES, Invoice } from "../../entities/invoice.ts";
import { computed, todayAt } from "../core/shape.ts";
import { lineItemShape } from "../ticket/line-item-shape.ts";
import { todayOf } from "../core/calendar.ts";
import { flagInput, fromDate, oneOf, reference, toDate } from "../query/filters.ts";
import { customer } from "../contact/filter.ts";
import { defineFilter, defineRecordType } from "../core/record-type.ts";

/** Not fully paid after its due date, seen from `today`, an SQL date of the business. */
const overdueOn = (today: string): string =>
  `(r.status IN ('open', 'partially_paid') AND r.due_date < ${today})`;

export const invoices = defineRecordType({
  type: "invoices",
  description: "Invoices with amounts owed and paid. A draft gets its number when it is finalized.",
  entity: Invoice,
  hidden: ["pay_token"],
  brief: ["number", "status", "total_cents", "due_cents", "currency", "due_date"],
  computed: { overdue: computed<boolean | null>((now) => overdueOn(todayAt(now))) },
  filters: {
    status: oneOf("r.status", INVOICE_STATUSES, "Status or list of statuses"),
    customer_id: customer("Customer"),
    ticket_id: reference("r.ticket_id", "ticket", "Visit"),
    issued_from: fromDate("r.issue_date", "Issued on this day or later"),
    issued_to: toDate("r.issue_date", "Issued on this day or earlier"),
    due_from: fromDate("r.due_date", "Due on this day or later"),
    due_to: toDate("r.due_date", "Due on this day or earlier"),
    overdue: defineFilter({
      description: "Due date has passed and it is not fully paid: true or false",
      schema: flagInput,
      where(value, bind, asked) {
        const today = `${bind(todayOf(asked).date)}::date`;
        return `COALESCE(${overdueOn(today)}, false) = ${bind(String(value))}::boolean`;
      },
    }),
  },
  includes: {
    customer: { type: "contacts", via: "customer_id" },
    ticket: { type: "tickets", via: "ticket_id" },
    line_items: { part: lineItemShape, by: "invoice_id", order: "r.created_at, r.id" },
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
});

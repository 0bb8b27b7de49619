import type { Shape } from "../core/record-type.ts";

/** Unpaid past its due date, seen from `today`, an SQL date of the business. */
export const overdueOn = (today: string): string =>
  `(r.status IN ('open', 'partially_paid') AND r.due_date < ${today})`;

export const invoiceShape: Shape = {
  table: "invoice",
  columns: [
    "id",
    "number",
    "customer_id",
    "customer_name",
    "customer_address",
    "ticket_id",
    "status",
    "currency",
    "subtotal_cents",
    "tax_cents",
    "total_cents",
    "paid_cents",
    "credited_cents",
    "due_cents",
    "issue_date",
    "due_date",
    "notes",
    "created_at",
    "updated_at",
    "version",
  ],
  computed: { overdue: overdueOn("(SELECT (now() AT TIME ZONE s.timezone)::date FROM settings s)") },
};

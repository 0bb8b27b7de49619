import { TICKET_STATUSES, Ticket } from "../../entities/ticket.ts";
import { attributesOf } from "../attribute/computed.ts";
import { attributeFilter } from "../attribute/filter.ts";
import { addressShape } from "../contact/address-shape.ts";
import { computed, CURRENCY } from "../core/shape.ts";
import { lineItemShape } from "./line-item-shape.ts";
import { flag, fromInstant, onDay, oneOf, reference, toInstant } from "../query/filters.ts";
import { customer } from "../contact/filter.ts";
import { defineRecordType } from "../core/record-type.ts";

/** `Mon 2026-11-23 15:30–16:30 America/Chicago`. The end has a date only when it is another day. */
const WINDOW_LOCAL = `(SELECT to_char(w.start, 'Dy YYYY-MM-DD HH24:MI')
    || COALESCE('–' || to_char(w.finish, CASE WHEN w.finish::date = w.start::date THEN 'HH24:MI' ELSE 'Dy YYYY-MM-DD HH24:MI' END), '')
    || ' ' || s.timezone
  FROM settings s CROSS JOIN LATERAL
    (SELECT r.window_start AT TIME ZONE s.timezone AS start, r.window_end AT TIME ZONE s.timezone AS finish) w)`;

export const tickets = defineRecordType({
  type: "tickets",
  description: "Visits: work at a customer's address, scheduled or not yet.",
  entity: Ticket,
  hidden: ["during", "visit_token", "planned_start"],
  brief: ["number", "status", "window_local", "total_cents", "currency"],
  computed: {
    window_local: computed<string | null>(WINDOW_LOCAL),
    total_cents: computed<number>(
      "(SELECT COALESCE(sum(l.total_cents), 0)::bigint FROM line_item l WHERE l.ticket_id = r.id)",
    ),
    currency: CURRENCY,
    late: computed<boolean | null>((now) => `(r.status = 'scheduled' AND r.window_start < ${now()})`),
    requires_invoicing: computed<boolean>(`(r.status = 'completed' AND NOT EXISTS
      (SELECT FROM invoice i WHERE i.ticket_id = r.id AND i.status <> 'void'))`),
    rescheduled_to_id: computed<string | null>(
      "(SELECT n.id FROM ticket n WHERE n.rescheduled_from_id = r.id)",
    ),
    attributes: attributesOf("ticket"),
  },
  filters: {
    status: oneOf("r.status", TICKET_STATUSES, "Status or list of statuses"),
    customer_id: customer("Customer"),
    technician_id: reference("r.technician_id", "technician", "Technician"),
    date: onDay("r.window_start", "Starts on this day"),
    window_from: fromInstant(
      "r.window_start",
      "Starts at this day or time (2026-11-23, 2026-11-23T15:30, next Monday, tomorrow at 2pm), or later",
    ),
    window_to: toInstant("r.window_start", "Starts before this time, or on this day or earlier"),
    confirmed: flag("(r.confirmed_at IS NOT NULL)", "The customer has confirmed it"),
    change_requested: flag(
      "(r.change_requested_at IS NOT NULL AND r.status = 'scheduled')",
      "The customer has asked for another time, which is not settled yet",
    ),
    plan_id: reference("r.plan_id", "plan", "Plan that it belongs to"),
    needs_time: flag(
      "(r.status = 'unscheduled' AND r.needs_time_reason IS NOT NULL)",
      "A plan's visit that could not be booked; needs_time_reason says why",
    ),
    attributes: attributeFilter("ticket"),
  },
  includes: {
    customer: { type: "contacts", via: "customer_id" },
    address: { part: addressShape, via: "address_id" },
    line_items: { part: lineItemShape, by: "ticket_id", order: "r.created_at, r.id" },
    technician: { type: "technicians", via: "technician_id" },
    plan: { type: "plans", via: "plan_id" },
    messages: { type: "messages", by: "about_id", order: "r.created_at DESC, r.id DESC" },
    invoices: { type: "invoices", by: "ticket_id", order: "r.created_at DESC, r.id DESC" },
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
});

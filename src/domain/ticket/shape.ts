import { attributesOf } from "../attribute/shown.ts";
import { CURRENCY, type Shape } from "../core/record-type.ts";

/** `Mon 2026-11-23 15:30–16:30 America/Chicago`: the zone's own rules, the end's day only where it is another one. */
const WINDOW_LOCAL = `(SELECT to_char(w.start, 'Dy YYYY-MM-DD HH24:MI')
    || COALESCE('–' || to_char(w.finish, CASE WHEN w.finish::date = w.start::date THEN 'HH24:MI' ELSE 'Dy YYYY-MM-DD HH24:MI' END), '')
    || ' ' || s.timezone
  FROM settings s CROSS JOIN LATERAL
    (SELECT r.window_start AT TIME ZONE s.timezone AS start, r.window_end AT TIME ZONE s.timezone AS finish) w)`;

export const ticketShape: Shape = {
  table: "ticket",
  columns: [
    "id",
    "number",
    "customer_id",
    "address_id",
    "technician_id",
    "status",
    "window_start",
    "window_end",
    "duration_minutes",
    "notes",
    "cancel_reason",
    "actual_start",
    "actual_end",
    "created_at",
    "updated_at",
    "version",
  ],
  computed: {
    window_local: WINDOW_LOCAL,
    total_cents: "(SELECT COALESCE(sum(l.total_cents), 0)::bigint FROM line_item l WHERE l.ticket_id = r.id)",
    currency: CURRENCY,
    late: "(r.status = 'scheduled' AND r.window_start < now())",
    requires_invoicing: `(r.status = 'completed' AND NOT EXISTS
      (SELECT FROM invoice i WHERE i.ticket_id = r.id AND i.status <> 'void'))`,
    attributes: attributesOf("ticket"),
  },
};

export const lineItemShape: Shape = {
  table: "line_item",
  columns: [
    "id",
    "ticket_id",
    "invoice_id",
    "service_id",
    "description",
    "quantity",
    "unit_price_cents",
    "discount_cents",
    "tax_bp",
    "total_cents",
    "created_at",
    "updated_at",
    "version",
  ],
  computed: { currency: CURRENCY },
};

export const technicianShape: Shape = {
  table: "technician",
  columns: [
    "id",
    "name",
    "skills",
    "working_hours",
    "time_off",
    "active",
    "created_at",
    "updated_at",
    "version",
  ],
};

import { MAKERS, type Values } from "./makers.ts";

const instants = (column: string): Values[] =>
  ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2026-06-01T00:00:00Z"].map((at) => ({
    [column]: new Date(at),
  }));
const names: Values[] = [{ name: "anna" }, { name: "Berta" }, { name: "clara" }];

/** Three rows in the ascending order of every sort, under `type.sort`; `created_at` and `updated_at` need none. */
export const SORT_CASES: Record<string, Values[]> = {
  "contacts.name": names,
  "tickets.window_start": instants("window_start").map((at) => ({ status: "completed", ...at })),
  "tickets.number": ["2026-03-03", "2026-02-02", "2026-01-01"].map((day) => ({ created_at: new Date(day) })),
  "invoices.issue_date": ["2026-01-09", "2026-01-10", "2026-11-01"].map((issue_date) => ({
    status: "open",
    issue_date,
  })),
  "invoices.due_date": ["2026-11-09", "2026-11-10", "2027-01-01"].map((due_date) => ({
    status: "open",
    due_date,
  })),
  "invoices.total_cents": [{ total_cents: 900 }, { total_cents: 1_000 }, { total_cents: 20_000 }],
  "invoices.due_cents": [9_000, 8_000, 1_000].map((paid_cents) => ({
    status: "open",
    total_cents: 10_000,
    paid_cents,
  })),
  "leads.next_follow_up_at": instants("next_follow_up_at"),
  "leads.urgency": [{ urgency: "low" }, { urgency: "medium" }, { urgency: "high" }],
  "leads.name": names,
  "messages.scheduled_for": instants("scheduled_for"),
  "services.name": names,
  "services.unit_price_cents": [900, 1_000, 20_000].map((unit_price_cents) => ({ unit_price_cents })),
  "attributes.key": [{ key: "aa_key" }, { key: "bb_key" }, { key: "cc_key" }],
  "plans.first_day": [{ first_day: "2026-12-01" }, { first_day: "2026-12-10" }, { first_day: "2027-01-01" }],
  "waitlist.until": [{ until: "2026-12-01" }, { until: "2026-12-10" }, { until: "2027-01-01" }],
  "technicians.name": names,
  "templates.name": names,
  "holidays.date": [{ date: "2026-02-03" }, { date: "2026-02-10" }, { date: "2027-01-01" }],
};
for (const type of Object.keys(MAKERS))
  for (const column of ["created_at", "updated_at"]) SORT_CASES[`${type}.${column}`] = instants(column);

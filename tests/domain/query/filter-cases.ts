import { NOW } from "./asking.ts";
import type { References, Values } from "./makers.ts";

/** A filter's value with a row that fits and one that does not. Dates and numbers lie next to the limit. */
export interface FilterCase {
  value: unknown;
  fits: Values;
  other: Values;
}

// NOW is Sunday evening in Chicago; its Sunday ends at 06:00 UTC.
const SUNDAY_LATE = new Date("2026-11-23T05:59:59.999Z");
const SUNDAY_EARLY = new Date("2026-11-22T06:00:00Z");
const MONDAY_EARLY = new Date("2026-11-23T06:00:00Z");
const SATURDAY_LATE = new Date("2026-11-22T05:59:59.999Z");

const onSunday = (column: string): FilterCase => ({
  value: "today",
  fits: { [column]: SUNDAY_LATE },
  other: { [column]: MONDAY_EARLY },
});
const customerOf = ({ contact: [ours, theirs] }: References): FilterCase => ({
  value: ours,
  fits: { customer_id: ours, address_id: null },
  other: { customer_id: theirs, address_id: null },
});
/** Only the columns that the table has. */
const customer = ({ contact: [ours, theirs] }: References): FilterCase => ({
  value: ours,
  fits: { customer_id: ours },
  other: { customer_id: theirs },
});
const archived = (): FilterCase => ({ value: "yes", fits: { archived_at: NOW }, other: {} });
const attributes = (): FilterCase => ({
  value: { windows: 25 },
  fits: { windows: 25 },
  other: { windows: 24 },
});
const open = { status: "open" };

/** One for every filter, under `type.filter`. */
export const FILTER_CASES: Record<string, (ids: References) => FilterCase> = {
  "contacts.kind": () => ({ value: "company", fits: { kind: "company" }, other: { kind: "person" } }),
  "contacts.tag": () => ({ value: "vip", fits: { tags: ["a", "vip"] }, other: { tags: ["a"] } }),
  "contacts.archived": archived,
  "contacts.attributes": attributes,

  "tickets.status": () => ({
    value: ["completed", "no_show"],
    fits: { status: "no_show" },
    other: { status: "cancelled" },
  }),
  "tickets.customer_id": customerOf,
  "tickets.technician_id": ({ technician: [ours, theirs] }) => ({
    value: ours,
    fits: { technician_id: ours },
    other: { technician_id: theirs },
  }),
  "tickets.plan_id": ({ plan: [ours, theirs] }) => ({
    value: ours,
    fits: { plan_id: ours },
    other: { plan_id: theirs },
  }),
  "tickets.needs_time": () => ({
    value: true,
    fits: { needs_time_reason: "The business is closed." },
    other: {},
  }),
  "tickets.date": () => ({
    value: "today",
    fits: { status: "completed", window_start: SUNDAY_LATE },
    other: { status: "completed", window_start: MONDAY_EARLY },
  }),
  "tickets.window_from": () => ({
    value: "2026-11-22",
    fits: { status: "completed", window_start: SUNDAY_EARLY },
    other: { status: "completed", window_start: SATURDAY_LATE },
  }),
  "tickets.window_to": () => ({
    value: "2026-11-22",
    fits: { status: "completed", window_start: SUNDAY_LATE },
    other: { status: "completed", window_start: MONDAY_EARLY },
  }),
  "tickets.confirmed": () => ({
    value: true,
    fits: { confirmed_at: NOW },
    other: { confirmed_at: null },
  }),
  "tickets.change_requested": ({ technician: [technician_id] }) => ({
    value: true,
    fits: { status: "scheduled", technician_id, change_requested_at: NOW },
    other: { status: "cancelled", change_requested_at: NOW },
  }),
  "tickets.attributes": attributes,

  "invoices.status": () => ({ value: "open", fits: open, other: { status: "uncollectible" } }),
  "invoices.customer_id": customer,
  "invoices.ticket_id": ({ ticket: [ours, theirs] }) => ({
    value: ours,
    fits: { ticket_id: ours },
    other: { ticket_id: theirs },
  }),
  "invoices.issued_from": () => ({
    value: "2026-11-22",
    fits: { ...open, issue_date: "2026-11-22" },
    other: { ...open, issue_date: "2026-11-21" },
  }),
  "invoices.issued_to": () => ({
    value: "today",
    fits: { ...open, issue_date: "2026-11-22" },
    other: { ...open, issue_date: "2026-11-23" },
  }),
  "invoices.due_from": () => ({
    value: "tomorrow",
    fits: { ...open, due_date: "2026-11-23" },
    other: { ...open, due_date: "2026-11-22" },
  }),
  "invoices.due_to": () => ({
    value: "yesterday",
    fits: { ...open, due_date: "2026-11-21" },
    other: { ...open, due_date: "2026-11-22" },
  }),
  "invoices.overdue": () => ({
    value: true,
    fits: { ...open, due_date: "2026-11-21" },
    other: { ...open, due_date: "2026-11-22" },
  }),

  "leads.status": () => ({ value: "lost", fits: { status: "lost" }, other: { status: "new" } }),
  "leads.urgency": () => ({ value: "high", fits: { urgency: "high" }, other: { urgency: "low" } }),
  "leads.source": () => ({ value: "Website", fits: { source: "website" }, other: { source: "web" } }),
  "leads.customer_id": customer,
  "leads.follow_up": () => onSunday("next_follow_up_at"),
  "leads.follow_up_from": () => ({
    value: "2026-11-22T09:00",
    fits: { next_follow_up_at: new Date("2026-11-22T15:00:00Z") },
    other: { next_follow_up_at: new Date("2026-11-22T14:59:59.999Z") },
  }),
  "leads.follow_up_to": () => ({
    value: "2026-11-22T09:00",
    fits: { next_follow_up_at: new Date("2026-11-22T14:59:59.999Z") },
    other: { next_follow_up_at: new Date("2026-11-22T15:00:00Z") },
  }),
  "leads.created": () => onSunday("created_at"),
  "leads.attributes": attributes,

  "messages.status": () => ({
    value: "suppressed",
    fits: { status: "suppressed" },
    other: { status: "failed" },
  }),
  "messages.direction": () => ({
    value: "inbound",
    fits: { status: "received" },
    other: { status: "sent" },
  }),
  "messages.channel": () => ({ value: "note", fits: { channel: "note" }, other: { channel: "sms" } }),
  "messages.customer_id": customer,
  "messages.about_id": ({ ticket: [ours, theirs] }) => ({
    value: ours,
    fits: { about_id: ours },
    other: { about_id: theirs },
  }),
  "messages.template": () => ({
    value: "Reminder",
    fits: { template: "reminder" },
    other: { template: "reminder_2" },
  }),
  "messages.created": () => onSunday("created_at"),

  "services.name": () => ({ value: "gutters", fits: { name: "Gutters" }, other: { name: "Gutters 2" } }),
  "services.active": () => ({ value: "false", fits: { active: false }, other: { active: true } }),
  "services.required_skill": () => ({
    value: "Ladder",
    fits: { required_skill: "ladder" },
    other: { required_skill: "ladders" },
  }),
  "services.unit_price_from": () => ({
    value: 77_001,
    fits: { unit_price_cents: 77_001 },
    other: { unit_price_cents: 77_000 },
  }),
  "services.unit_price_to": () => ({
    value: "1200",
    fits: { unit_price_cents: 1_200 },
    other: { unit_price_cents: 1_201 },
  }),
  "services.archived": archived,
  "services.attributes": attributes,

  "attributes.entity": () => ({ value: "lead", fits: { entity: "lead" }, other: { entity: "ticket" } }),
  "attributes.type": () => ({ value: "date", fits: { type: "date" }, other: { type: "text" } }),
  "attributes.key": () => ({ value: "GATE", fits: { key: "gate" }, other: { key: "gates" } }),
  "attributes.required": () => ({ value: true, fits: { required: true }, other: { required: false } }),
  "attributes.archived": archived,

  "plans.state": () => ({ value: "paused", fits: { state: "paused" }, other: { state: "active" } }),
  "plans.customer_id": customer,
  "plans.technician_id": ({ technician: [ours, theirs] }) => ({
    value: ours,
    fits: { technician_id: ours },
    other: { technician_id: theirs },
  }),

  "waitlist.state": () => ({ value: "offered", fits: { state: "offered" }, other: { state: "waiting" } }),
  "waitlist.customer_id": customer,
  "waitlist.service_id": ({ service: [ours, theirs] }) => ({
    value: ours,
    fits: { service_ids: [theirs, ours] },
    other: { service_ids: [theirs] },
  }),
  "waitlist.day": () => ({
    value: "monday",
    fits: { days: ["friday", "monday"] },
    other: { days: ["friday"] },
  }),
  "waitlist.time": () => ({ value: "evening", fits: { times: [] }, other: { times: ["morning"] } }),
  "waitlist.ticket_id": ({ ticket: [ours, theirs] }) => ({
    value: ours,
    fits: { ticket_id: ours },
    other: { ticket_id: theirs },
  }),
  "waitlist.fits": () => ({
    value: "2026-11-24T09:00/2026-11-24T10:00",
    fits: { duration_minutes: 60 },
    other: { duration_minutes: 61 },
  }),
  "waitlist.until_from": () => ({
    value: "today",
    fits: { until: "2026-11-22" },
    other: { until: "2026-11-21" },
  }),
  "waitlist.until_to": () => ({
    value: "today",
    fits: { until: "2026-11-22" },
    other: { until: "2026-11-23" },
  }),

  "technicians.name": () => ({ value: "ada king", fits: { name: "Ada King" }, other: { name: "Ada" } }),
  "technicians.active": () => ({ value: false, fits: { active: false }, other: { active: true } }),
  "technicians.skill": () => ({ value: "Roofs", fits: { skills: ["roofs"] }, other: { skills: ["roof"] } }),

  "templates.name": () => ({ value: "HELLO", fits: { name: "hello" }, other: { name: "hello_2" } }),
  "templates.channel": () => ({
    value: "email",
    fits: { channel: "email", subject: "Hello" },
    other: { channel: "sms" },
  }),
  "templates.archived": archived,

  "holidays.date_from": () => ({
    value: "2031-05-02",
    fits: { date: "2031-05-02" },
    other: { date: "2031-05-01" },
  }),
  "holidays.date_to": () => ({
    value: "2020-05-01",
    fits: { date: "2020-05-01" },
    other: { date: "2020-05-02" },
  }),
  "holidays.archived": archived,
};

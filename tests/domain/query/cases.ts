import type { DataSource } from "typeorm";
import { newId } from "../../../src/domain/core/ids.ts";
import type { AttributeEntity } from "../../../src/entities/attribute.ts";
import {
  aContact,
  aHoliday,
  aLead,
  aMessage,
  anAttribute,
  anAttributeValue,
  anInvoice,
  aService,
  aTechnician,
  aTemplate,
  aTicket,
  aWaitlistEntry,
} from "../../support/factories.ts";
import { NOW } from "./asking.ts";

type Values = Record<string, unknown>;
type Maker = (db: DataSource, values: Values) => Promise<{ id: string }>;

/** Writes a row of each record type. */
export const MAKERS: Record<string, Maker> = {
  contacts: withAttributes("contact", aContact),
  tickets: withAttributes("ticket", aTicket),
  invoices: (db, values) => anInvoice(db, values),
  leads: withAttributes("lead", aLead),
  messages: (db, values) => aMessage(db, values),
  services: withAttributes("service", aService),
  attributes: (db, values) => anAttribute(db, { key: newId("attribute"), ...values }),
  waitlist: (db, values) => aWaitlistEntry(db, values),
  technicians: (db, values) => aTechnician(db, values),
  templates: (db, values) => aTemplate(db, values),
  holidays: (db, values) => aHoliday(db, { date: nextHoliday(), ...values }),
};

/** `windows` is the value of an attribute with that key. */
function withAttributes(entity: AttributeEntity, make: Maker): Maker {
  return async (db, { windows, ...values }) => {
    const made = await make(db, values);
    if (windows === undefined) return made;
    const known = (await db.query("SELECT id FROM attribute WHERE entity = $1 AND key = 'windows'", [
      entity,
    ])) as [{ id: string } | undefined];
    const attribute = known[0] ?? (await anAttribute(db, { entity, key: "windows" }));
    await anAttributeValue(db, {
      [`${entity}_id`]: made.id,
      attribute_id: attribute.id,
      value: Number(windows),
    });
    return made;
  };
}

let holidays = 0;
const nextHoliday = () => new Date(Date.UTC(2030, 0, 1 + holidays++)).toISOString().slice(0, 10);

/** A filter's value with a row that fits and one that does not. Dates and numbers lie next to the limit. */
export interface FilterCase {
  value: unknown;
  fits: Values;
  other: Values;
}

/** Ids that the rows refer to. */
export interface References {
  contact: [string, string];
  ticket: [string, string];
  technician: [string, string];
  service: [string, string];
}

export async function references(db: DataSource): Promise<References> {
  const two = async (make: () => Promise<{ id: string }>): Promise<[string, string]> => [
    (await make()).id,
    (await make()).id,
  ];
  return {
    contact: await two(() => aContact(db)),
    ticket: await two(() => aTicket(db)),
    technician: await two(() => aTechnician(db)),
    service: await two(() => aService(db)),
  };
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
    ...open,
    issue_date,
  })),
  "invoices.due_date": ["2026-11-09", "2026-11-10", "2027-01-01"].map((due_date) => ({ ...open, due_date })),
  "invoices.total_cents": [{ total_cents: 900 }, { total_cents: 1_000 }, { total_cents: 20_000 }],
  "invoices.due_cents": [9_000, 8_000, 1_000].map((paid_cents) => ({
    ...open,
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
  "waitlist.until": [{ until: "2026-12-01" }, { until: "2026-12-10" }, { until: "2027-01-01" }],
  "technicians.name": names,
  "templates.name": names,
  "holidays.date": [{ date: "2026-02-03" }, { date: "2026-02-10" }, { date: "2027-01-01" }],
};
for (const type of Object.keys(MAKERS))
  for (const column of ["created_at", "updated_at"]) SORT_CASES[`${type}.${column}`] = instants(column);

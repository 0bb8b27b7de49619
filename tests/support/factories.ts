import { DataSource, type EntityManager } from "typeorm";
import { newId } from "../../src/domain/core/ids.ts";
import { Contact } from "../../src/entities/contact.ts";
import { Address } from "../../src/entities/address.ts";
import { Invoice } from "../../src/entities/invoice.ts";
import { Job } from "../../src/entities/job.ts";
import { Lead } from "../../src/entities/lead.ts";
import { Message } from "../../src/entities/message.ts";
import { Technician, type WorkingHours } from "../../src/entities/technician.ts";
import { Plan } from "../../src/entities/plan.ts";
import { Settings } from "../../src/entities/settings.ts";
import { Ticket } from "../../src/entities/ticket.ts";
import { LineItem } from "../../src/entities/line-item.ts";
import { WaitlistEntry } from "../../src/entities/waitlist-entry.ts";

/** Writes business records as a system job that is claimed and completed in the same transaction. */
export async function withJob<Result>(
  db: DataSource,
  write: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  return db.transaction(async (manager) => {
    const id = newId("job");
    await manager.insert(Job, {
      id,
      action: "test.write",
      input: {},
      digest: id,
      principal: "system:test",
      principal_kind: "system",
      principal_name: "test",
      status: "running",
    });
    await manager.query(
      "UPDATE job SET xid = pg_current_xact_id()::text, started_at = now() WHERE id = $1 RETURNING set_config('countersign.job_id', id, true)",
      [id],
    );
    const result = await write(manager);
    await manager.update(Job, id, { status: "completed", finished_at: new Date() });
    return result;
  });
}

/** A database, in which the record gets its own job, or the manager of `withJob`. */
export type Place = DataSource | EntityManager;

export const inTransaction = <Result>(
  place: Place,
  write: (manager: EntityManager) => Promise<Result>,
): Promise<Result> => (place instanceof DataSource ? withJob(place, write) : write(place));

/** Line items are ordered by creation; actions under test run at MONDAY_9 or later, whatever the real date is. */
const BEFORE_THE_TEST = new Date("2026-11-22T15:00:00Z");

const WORKDAY: [string, string] = ["08:00", "17:00"];
export const WEEKDAYS_8_TO_17: WorkingHours = {
  monday: WORKDAY,
  tuesday: WORKDAY,
  wednesday: WORKDAY,
  thursday: WORKDAY,
  friday: WORKDAY,
  saturday: null,
  sunday: null,
};

/** Creates the settings row; a second call updates it. */
export const theSettings = (place: Place, values: Partial<Settings> = {}): Promise<Settings> =>
  inTransaction(place, async (manager) => {
    const found = await manager.findOneBy(Settings, { id: "settings" });
    const fresh = {
      id: "settings",
      business_name: "Clearview Windows",
      timezone: "America/Chicago",
      currency: "USD",
      working_hours: WEEKDAYS_8_TO_17,
    };
    await manager.save(manager.create(Settings, { ...(found ?? fresh), ...values }));
    return manager.findOneByOrFail(Settings, { id: "settings" });
  });

export const aContact = (place: Place, values: Partial<Contact> = {}): Promise<Contact> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("contact");
    await manager.insert(Contact, manager.create(Contact, { name: "Maria Garcia", ...values, id }));
    return manager.findOneByOrFail(Contact, { id });
  });

/** Creates its own contact if none is given. */
export const anAddress = (place: Place, values: Partial<Address> = {}): Promise<Address> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("address");
    const contact_id = values.contact_id ?? (await aContact(manager)).id;
    const home = { lines: ["12 Elm Street"], city: "Madison", region: "WI", postal_code: "53703" };
    await manager.insert(Address, manager.create(Address, { ...home, ...values, id, contact_id }));
    return manager.findOneByOrFail(Address, { id });
  });

export const aTechnician = (place: Place, values: Partial<Technician> = {}): Promise<Technician> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("technician");
    const made = { name: "Dana Reed", working_hours: WEEKDAYS_8_TO_17, ...values, id };
    await manager.insert(Technician, manager.create(Technician, made));
    return manager.findOneByOrFail(Technician, { id });
  });

interface TicketValues extends Partial<Ticket> {
  line_items?: Partial<LineItem>[];
}

/**
 * Creates its own customer, address and, if the status needs them, technician and window (Monday 2026-11-23, 15:30 to
 * 16:30 in Chicago), unless they are given. `null` leaves nullable fields empty.
 */
export const aTicket = (place: Place, values: TicketValues = {}): Promise<Ticket> =>
  inTransaction(place, async (manager) => {
    const { line_items = [], ...given } = values;
    const id = given.id ?? newId("ticket");
    const customer_id = given.customer_id ?? (await aContact(manager)).id;
    const made = {
      ...given,
      id,
      customer_id,
      ...(given.address_id === undefined && {
        address_id: (await anAddress(manager, { contact_id: customer_id })).id,
      }),
      ...(given.status && given.status !== "unscheduled" && (await appointment(manager, given))),
    };
    await manager.insert(Ticket, manager.create(Ticket, made));
    for (const line of line_items) await aLineItem(manager, { ...line, ticket_id: id });
    return manager.findOneByOrFail(Ticket, { id });
  });

async function appointment(manager: EntityManager, values: Partial<Ticket>): Promise<Partial<Ticket>> {
  const {
    technician_id = (await aTechnician(manager)).id,
    window_start = new Date("2026-11-23T21:30:00Z"),
    window_end = window_start && new Date(window_start.getTime() + 60 * 60_000),
  } = values;
  const busy = window_start && window_end && `[${window_start.toISOString()},${window_end.toISOString()})`;
  const during = values.during ?? busy;
  return { technician_id, window_start, window_end, during };
}

interface InvoiceValues extends Partial<Invoice> {
  line_items?: Partial<LineItem>[];
}

let invoicesMade = 0;

/**
 * Creates its own customer if none is given; by default $450 and unpaid. An invoice that is not a draft has a number,
 * its dates and a snapshot of the customer's name.
 */
export const anInvoice = (place: Place, values: InvoiceValues = {}): Promise<Invoice> =>
  inTransaction(place, async (manager) => {
    const { line_items = [], ...given } = values;
    const id = given.id ?? newId("invoice");
    const customer_id = given.customer_id ?? (await aContact(manager)).id;
    const { total_cents = 45_000, paid_cents = 0, credited_cents = 0, tax_cents = 0 } = given;
    const finalized = given.status !== undefined &&
      given.status !== "draft" && {
        number: String(1_000 + ++invoicesMade),
        issue_date: "2026-11-02",
        due_date: "2026-12-02",
        customer_name: "Maria Garcia",
        customer_address: "12 Elm Street, Madison",
      };
    const money = { total_cents, paid_cents, credited_cents, tax_cents };
    const made = {
      ...{ currency: "USD", subtotal_cents: total_cents - tax_cents },
      ...{ ...money, due_cents: total_cents - paid_cents - credited_cents },
      ...finalized,
      ...given,
      ...{ id, customer_id },
    };
    await manager.insert(Invoice, manager.create(Invoice, made));
    for (const line of line_items) await aLineItem(manager, { ...line, invoice_id: id });
    return manager.findOneByOrFail(Invoice, { id });
  });

/** Creates its own ticket if neither a ticket nor an invoice is given; by default one screen for $45. */
export const aLineItem = (place: Place, values: Partial<LineItem> = {}): Promise<LineItem> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("line_item");
    const ticket_id = values.ticket_id ?? (values.invoice_id ? null : (await aTicket(manager)).id);
    const unit_price_cents = values.unit_price_cents ?? values.total_cents ?? 4_500;
    const total_cents = Math.round(unit_price_cents * (values.quantity ?? 1)) - (values.discount_cents ?? 0);
    const line = {
      description: "Screen cleaning",
      unit_price_cents,
      total_cents,
      created_at: BEFORE_THE_TEST,
      ...values,
      id,
      ticket_id,
    };
    await manager.insert(LineItem, manager.create(LineItem, line));
    return manager.findOneByOrFail(LineItem, { id });
  });

/** Creates its own customer if it is converted. */
export const aLead = (place: Place, values: Partial<Lead> = {}): Promise<Lead> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("lead");
    const customer = values.status === "converted" && { customer_id: (await aContact(manager)).id };
    const made = { name: "Martha", raw_notes: "Wants a quote.", ...customer, ...values, id };
    await manager.insert(Lead, manager.create(Lead, made));
    return manager.findOneByOrFail(Lead, { id });
  });

/** Creates its own customer if none is given. */
export const aWaitlistEntry = (place: Place, values: Partial<WaitlistEntry> = {}): Promise<WaitlistEntry> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("waitlist_entry");
    const customer_id = values.customer_id ?? (await aContact(manager)).id;
    await manager.insert(WaitlistEntry, manager.create(WaitlistEntry, { ...values, id, customer_id }));
    return manager.findOneByOrFail(WaitlistEntry, { id });
  });

/** Creates its own customer if none is given; by default every Tuesday at 9:00 from 2026-11-24 on, without visits. */
export const aPlan = (place: Place, values: Partial<Plan> = {}): Promise<Plan> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("plan");
    const customer_id = values.customer_id ?? (await aContact(manager)).id;
    const tuesdays = {
      ...{ first_day: "2026-11-24", local_time: "09:00", duration_minutes: 60 },
      ...{ rule: "FREQ=WEEKLY;BYDAY=TU", repeats: "every Tuesday at 9:00 AM" },
    };
    await manager.insert(Plan, manager.create(Plan, { ...tuesdays, ...values, id, customer_id }));
    return manager.findOneByOrFail(Plan, { id });
  });

/** Creates its own customer if none is given; by default a queued e-mail. */
export const aMessage = (place: Place, values: Partial<Message> = {}): Promise<Message> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("message");
    const customer_id = values.customer_id ?? (await aContact(manager)).id;
    const status = values.status ?? "queued";
    const direction = status === "received" ? "inbound" : "outbound";
    const mail = {
      channel: "email",
      to: "maria@example.com",
      subject: "Hello",
      body: "Hello Maria",
    } as const;
    await manager.insert(
      Message,
      manager.create(Message, { direction, ...mail, ...values, id, customer_id, status }),
    );
    return manager.findOneByOrFail(Message, { id });
  });

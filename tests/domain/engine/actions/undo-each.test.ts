import type { DataSource } from "typeorm";
import { type Action, actionKey } from "../../../../src/domain/core/action.ts";
import { contactDomain } from "../../../../src/domain/contact/index.ts";
import { workflowDomain } from "../../../../src/domain/workflow/index.ts";
import { planDomain } from "../../../../src/domain/plan/index.ts";
import { ticketDomain } from "../../../../src/domain/ticket/index.ts";
import { customerOf } from "../../../../src/domain/core/principal.ts";
import { Attribute } from "../../../../src/entities/attribute.ts";
import { LineItem } from "../../../../src/entities/line-item.ts";
import { type TestDatabase, testDatabase } from "../../../support/database.ts";
import { dumpRecords } from "../../../support/dump-records.ts";
import { anAttribute, anAttributeValue } from "../../../support/definitions.ts";
import {
  aContact,
  aLead,
  aMessage,
  aPlan,
  anAddress,
  anInvoice,
  aTechnician,
  aTicket,
  aWaitlistEntry,
  theSettings,
} from "../../../support/factories.ts";
import { makePipeline, owner, type Pipeline } from "../../../support/pipeline.ts";

async function theRating(db: DataSource): Promise<string> {
  const key = "rating";
  const known = await db.getRepository(Attribute).findOneBy({ key });
  return (known ?? (await anAttribute(db, { key }))).id;
}

/** A customer who has one of everything: what an action may touch, and what goes with it. */
async function aFullCustomer({ db }: TestDatabase) {
  const { id: customer } = await aContact(db, {
    phones: [{ number: "+16085550142", label: "mobile" }],
    emails: ["maria@example.com"],
    notes: "Prefers mornings.",
  });
  await aContact(db, { merged_into_id: customer, archived_at: new Date("2026-01-02T03:04:05.678Z") });
  const { id: address } = await anAddress(db, { contact_id: customer, access_notes: "Gate code 4711" });
  await aLead(db, { customer_id: customer });
  await aMessage(db, { customer_id: customer, status: "sent" });
  await aWaitlistEntry(db, { customer_id: customer });
  const plan = await aPlan(db, { customer_id: customer, first_day: "2026-12-01" });
  const attribute_id = await theRating(db);
  await anAttributeValue(db, { contact_id: customer, attribute_id });
  const line_items = [{ quantity: 0.333, unit_price_cents: 999, discount_cents: 1, tax_bp: 550 }];
  const visit = { customer_id: customer, address_id: address, line_items };
  const wish = await aTicket(db, visit);
  const booked = await aTicket(db, { ...visit, status: "scheduled" });
  const window = {
    window_start: new Date("2030-11-26T15:00:00Z"),
    window_end: new Date("2030-11-26T16:00:00Z"),
  };
  const ahead = await aTicket(db, { ...visit, ...window, status: "scheduled" });
  const begun = await aTicket(db, { ...visit, status: "in_progress" });
  const done = await aTicket(db, {
    ...visit,
    status: "completed",
    actual_end: new Date("2026-11-23T16:00:00.123Z"),
  });
  const bill = { customer_id: customer, ticket_id: done.id, line_items };
  await anInvoice(db, bill);
  const billed = await aTicket(db, { ...visit, status: "completed" });
  await anInvoice(db, { ...bill, ticket_id: billed.id, status: "open" });
  const { id: line } = await db.getRepository(LineItem).findOneByOrFail({ ticket_id: wish.id });
  const ids = { wish: wish.id, booked: booked.id, ahead: ahead.id, begun: begun.id, done: done.id };
  return { customer, address, line, plan: plan.id, ...ids };
}

type Full = Awaited<ReturnType<typeof aFullCustomer>>;
const window_start = "2030-11-25T10:00";
const priced = { description: "Screens", unit_price_cents: 500 };

/** What each action is asked for. */
const WISHES: Record<string, (full: Full, test: TestDatabase) => object | Promise<object>> = {
  "contact.create": () => ({ name: "Rosa Diaz", phones: [{ number: "(608) 555-0177" }] }),
  "contact.update": ({ customer }) => ({ id: customer, notes: null, tags: ["vip"] }),
  "contact.add_address": ({ customer }) => ({ id: customer, lines: ["456 Oak Street"] }),
  "contact.update_address": ({ address }) => ({ address_id: address, access_notes: null }),
  "contact.remove_address": ({ address }) => ({ address_id: address }),
  "contact.merge": async ({ customer }, { db }) => ({ id: customer, into_id: (await aContact(db)).id }),
  "contact.archive": ({ customer }) => ({ id: customer }),
  "contact.delete": ({ customer }) => ({ id: customer }),
  "contact.bulk_update": ({ customer }) => ({ ids: [customer], data: { company: "Garcia Ltd" } }),
  "contact.bulk_delete": ({ customer }) => ({ ids: [customer] }),
  "ticket.create": async ({ customer }, { db }) => {
    const { id: technician_id } = await aTechnician(db);
    return { customer_id: customer, technician_id, window_start, line_items: [priced] };
  },
  "ticket.update": ({ booked }) => ({ id: booked, notes: "x", duration_minutes: 30, address_id: null }),
  "ticket.assign": async ({ booked }, { db }) => ({
    id: booked,
    technician_id: (await aTechnician(db)).id,
  }),
  "ticket.add_line_item": ({ wish }) => ({ id: wish, ...priced }),
  "ticket.update_line_item": ({ line }) => ({ line_item_id: line, quantity: 1.125 }),
  "ticket.remove_line_item": ({ line }) => ({ line_item_id: line }),
  "ticket.schedule": async ({ wish }, { db }) => {
    const { id: technician_id } = await aTechnician(db);
    return { id: wish, technician_id, window_start };
  },
  "ticket.reschedule": ({ booked }) => ({ id: booked, window_start, reason: "Rain" }),
  "workflow.schedule_appointment": async ({ customer }, { db }) => {
    await aTechnician(db);
    return { customer_identifier: customer, requested_date: "2030-11-26 08:00-12:00" };
  },
  "workflow.handle_reschedule_request": ({ booked }) => ({ ticket_id: booked, new_date: "2030-11-27" }),
  "ticket.start": ({ booked }) => ({ id: booked }),
  "ticket.complete": ({ begun }) => ({ id: begun }),
  "ticket.reopen": ({ done }) => ({ id: done }),
  "ticket.cancel": ({ booked }) => ({ id: booked, reason: "Rain" }),
  "ticket.no_show": ({ booked }) => ({ id: booked }),
  "ticket.confirm": ({ ahead }) => ({ id: ahead }),
  "ticket.request_change": ({ ahead }) => ({ id: ahead, message: "Later, please." }),
  "plan.create": ({ customer }) => ({
    ...{ customer_id: customer, rule: "monthly", time: "10:00", first_day: "2030-12-02" },
  }),
  "plan.update": ({ plan }) => ({ id: plan, time: "14:00" }),
  "plan.skip": ({ plan }) => ({ id: plan }),
  "plan.pause": ({ plan }) => ({ id: plan }),
  "plan.resume": async ({ plan }, { db }) => {
    await makePipeline(db).ask(owner, "plan.pause", { id: plan });
    return { id: plan };
  },
  "plan.end": ({ plan }) => ({ id: plan }),
  "ticket.bulk_cancel": ({ booked, wish }) => ({ ids: [booked, wish] }),
};

describe("undoing", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db, { travel_buffer_minutes: 15 });
  });
  afterAll(() => test.drop());

  const undoable = [contactDomain, ticketDomain, workflowDomain, planDomain]
    .flatMap(({ actions }) => actions)
    .filter(({ undo }) => undo);

  /** Customers do some of them, with the link to the record. */
  const actorOf = ({ audience, targets }: Action, data: unknown) =>
    audience === "customer" ? customerOf(targets?.(data)[0] ?? "") : owner;

  it.each(undoable.map((action) => [actionKey(action), action] as const))(
    "%s restores every record byte for byte",
    async (key, action) => {
      const data = await WISHES[key]?.(await aFullCustomer(test), test);
      const before = await dumpRecords(test.db);
      const done = await pipeline.ask(actorOf(action, data), key, data);
      expect(done).toMatchObject({ status: "completed" });
      expect(await dumpRecords(test.db)).not.toEqual(before);
      const undone = await pipeline.ask(owner, "job.undo", { job_id: done.id });
      expect(undone).toMatchObject({ status: "completed", error: null });
      expect(await dumpRecords(test.db)).toEqual(before);
    },
  );
});

import { attributesByTable } from "../../../src/domain/attribute/definitions.ts";
import { capabilities } from "../../../src/domain/core/capabilities.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aHoliday, anAttribute, aService, aTemplate } from "../../support/definitions.ts";
import {
  aLead,
  aLineItem,
  aMessage,
  aPlan,
  anInvoice,
  aTicket,
  aWaitlistEntry,
  theSettings,
} from "../../support/factories.ts";

const NOW = new Date("2026-11-23T03:00:00Z");
const registry = makeRegistry(domains);
const declared = capabilities(registry, { audience: "people" }).data_types;

/** A value that fits, by the name of the filter; `type.filter` where the name alone does not tell. */
const SAMPLES: Record<string, unknown> = {
  archived: "any",
  attributes: {},
  active: "true",
  required: false,
  name: "Screen cleaning",
  customer_id: newId("contact"),
  service_id: newId("service"),
  ticket_id: newId("ticket"),
  issued_from: "2026-11-01",
  issued_to: "today",
  due_from: "yesterday",
  due_to: "2026-12-31",
  overdue: "true",
  technician_id: newId("technician"),
  date: "today",
  created: "yesterday",
  window_from: "2026-11-01",
  window_to: "2026-11-30T17:00:00-06:00",
  follow_up: "today",
  follow_up_from: "2026-11-01T08:00",
  follow_up_to: "tomorrow",
  until_from: "today",
  until_to: "2026-12-31",
  date_from: "2026-01-01",
  date_to: "2026-12-31",
  unit_price_from: 0,
  unit_price_to: "1000000",
  kind: "person",
  tag: "vip",
  skill: "windows",
  required_skill: "ladder",
  source: "website",
  urgency: ["low", "high"],
  key: "gate_code",
  entity: ["contact", "lead"],
  type: "text",
  channel: "email",
  state: "waiting",
  "plans.state": ["active", "paused"],
  plan_id: newId("plan"),
  needs_time: "true",
  day: "monday",
  time: "morning",
  confirmed: true,
  change_requested: true,
  fits: { from: "tomorrow at 9", to: "tomorrow at 11" },
  "tickets.status": ["scheduled", "completed"],
  "invoices.status": ["open", "paid"],
  "leads.status": ["new", "lost"],
  "messages.status": ["queued", "not_sent"],
  direction: "outbound",
  about_id: newId("ticket"),
  template: "appointment_confirmation",
};

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  const { id, customer_id } = await aTicket(test.db, { status: "scheduled" });
  await aMessage(test.db, { customer_id, about_id: id });
  await aLineItem(test.db, { ticket_id: id });
  await aService(test.db);
  await anInvoice(test.db, { ticket_id: id, status: "open", line_items: [{}] });
  await aLead(test.db, { status: "converted" });
  await aWaitlistEntry(test.db, { until: "2026-12-24" });
  await aTemplate(test.db);
  await aPlan(test.db);
  await aHoliday(test.db);
  await anAttribute(test.db);
  await anAttribute(test.db, { entity: "lead", key: "budget" });
});
afterAll(() => test.drop());

const ask = (input: object) => runQuery(test.db, input, { types: registry.types, now: NOW });

describe.each(declared)("the capabilities of $type", ({ type, filters, includes, sort, fields = [] }) => {
  const sampled = filters.map((name): [string, unknown] => [
    name,
    SAMPLES[`${type}.${name}`] ?? SAMPLES[name],
  ]);

  it("are all accepted: every filter with every include, every sort, every field", async () => {
    expect(sampled.filter(([, value]) => value === undefined)).toEqual([]);
    for (const [name, value] of sampled)
      await expect(ask({ type, filters: { [name]: value }, include: includes })).resolves.toHaveProperty(
        "total",
      );
    for (const by of sort) await ask({ type, sort: by, limit: 1 });
    const { items } = (await ask({ type, fields, include: includes })) as { items: object[] };
    for (const item of items) expect(Object.keys(item).sort()).toEqual([...fields, ...includes].sort());
    await expect(
      ask({ type, filters: Object.fromEntries(sampled), search: "nobody" }),
    ).resolves.toMatchObject({
      total: 0,
    });
  });

  it("are complete: an unknown filter is rejected with the listed names", async () => {
    const answer = await ask({ type, filters: { surprise: 1 } }).catch(
      (error: { body: object }) => error.body,
    );
    expect(answer).toMatchObject({
      fields: [{ path: "filters.surprise" }],
      hint: expect.stringContaining(filters.join(", ")),
    });
  });
});

it("only record types that can have attributes list attributes in the capabilities", async () => {
  const known = await attributesByTable(test.db.manager);
  const { data_types } = capabilities(registry, { audience: "agent" }, known);
  const carrying = data_types.filter(({ attributes }) => attributes).map(({ type }) => type);
  expect(carrying).toEqual(["contacts", "leads"]);
});

import { contacts } from "../../../src/domain/contact/type.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import type { ResolvedRecordType } from "../../../src/domain/core/record-type.ts";
import { computed, type Item } from "../../../src/domain/core/shape.ts";
import { readRecord } from "../../../src/domain/query/read-record.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { tickets } from "../../../src/domain/ticket/type.ts";
import type { Contact } from "../../../src/entities/contact.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, anAddress, aTicket, theSettings, withJob } from "../../support/factories.ts";
import { asking, ids, newTag, NOW } from "./asking.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await theSettings(database.db);
});
afterAll(() => database.drop());
const { ask, list, one, refusal } = asking(() => database);

describe("one record", () => {
  it("contains total, currency, local time and the included related records", async () => {
    const ticket = await aTicket(database.db, {
      status: "scheduled",
      line_items: [{ unit_price_cents: 30_000 }, { unit_price_cents: 7_500, quantity: 2 }],
    });
    const item = await one({
      type: "tickets",
      id: ticket.id,
      include: ["customer", "address", "line_items", "technician"],
    });
    expect(item).toMatchObject({
      id: ticket.id,
      number: ticket.number,
      status: "scheduled",
      total_cents: 45_000,
      currency: "USD",
      window_local: "Mon 2026-11-23 15:30–16:30 America/Chicago",
      customer: { id: ticket.customer_id, name: "Maria Garcia", phones: [], emails: [] },
      address: { id: ticket.address_id, lines: ["12 Elm Street"] },
      technician: { id: ticket.technician_id, name: "Dana Reed" },
      line_items: [
        { unit_price_cents: 30_000, quantity: 1, currency: "USD" },
        { unit_price_cents: 7_500, quantity: 2 },
      ],
    });
    expect(item).not.toHaveProperty("during");
    expect(JSON.parse(JSON.stringify(item))).toHaveProperty("window_start", "2026-11-23T21:30:00.000Z");
  });

  it("shows both days in `window_local` of a visit past midnight, and null without a time", async () => {
    const night = await aTicket(database.db, {
      status: "scheduled",
      window_start: new Date("2026-07-04T03:30:00Z"),
      window_end: new Date("2026-07-04T06:00:00Z"),
    });
    const open = await aTicket(database.db);
    expect(await one({ type: "tickets", id: night.id })).toMatchObject({
      window_local: "Fri 2026-07-03 22:30–Sat 2026-07-04 01:00 America/Chicago",
    });
    expect(await one({ type: "tickets", id: open.id, include: ["technician", "line_items"] })).toMatchObject({
      window_local: null,
      total_cents: 0,
      technician: null,
      line_items: [],
    });
  });

  it("equals the record that an action reads inside its transaction", async () => {
    const { id } = await aTicket(database.db, { line_items: [{}] });
    const inside = await withJob(database.db, (db) =>
      readRecord({ db, now: NOW }, tickets, { id, include: ["line_items"] }),
    );
    expect(inside).toEqual(await one({ type: "tickets", id, include: ["line_items"] }));
  });

  it("includes uncommitted writes of its own transaction", async () => {
    const name = await withJob(database.db, async (manager) => {
      const { id } = await aContact(manager, { name: "Just Written" });
      return (await readRecord({ db: manager, now: NOW }, contacts, { id })).name;
    });
    expect(name).toBe("Just Written");
  });

  it("returns not_found for an id that does not exist, whatever its form", async () => {
    for (const id of [newId("contact"), "'; DROP TABLE contact; --", "42"]) {
      expect(await refusal({ type: "contacts", id })).toMatchObject({
        code: "not_found",
        message: `There is no contact ${id}.`,
      });
    }
  });

  it("is found by id when it is archived", async () => {
    const { id } = await aContact(database.db, { archived_at: NOW });
    expect(await one({ type: "contacts", id })).toMatchObject({ id });
  });
});

describe("a list", () => {
  it("returns the newest first, the total of all matches and today's date for the business", async () => {
    const tag = newTag();
    const made: Contact[] = [];
    for (let index = 0; index < 3; index++) made.push(await aContact(database.db, { tags: [tag] }));
    const answer = await list({ type: "contacts", filters: { tag }, limit: 2 });
    expect(ids(answer.items)).toEqual([made[2]?.id, made[1]?.id]);
    expect(answer).toMatchObject({
      total: 3,
      next_cursor: expect.any(String),
      today: { date: "2026-11-22", weekday: "Sunday", zone: "America/Chicago" },
    });
  });

  it("returns only the requested fields, the id and the includes", async () => {
    const { id } = await aTicket(database.db, { line_items: [{}] });
    const item = await one({
      type: "tickets",
      id,
      fields: ["status", "total_cents"],
      include: ["line_items"],
    });
    expect(Object.keys(item).sort()).toEqual(["id", "line_items", "status", "total_cents"]);
  });

  it("assigns included records to the record that they belong to", async () => {
    const tag = newTag();
    const [first, second] = [
      await aContact(database.db, { tags: [tag] }),
      await aContact(database.db, { tags: [tag] }),
    ];
    const address = await anAddress(database.db, { contact_id: first.id });
    const ticket = await aTicket(database.db, { customer_id: second.id, address_id: null });
    const { items } = await list({
      type: "contacts",
      filters: { tag },
      include: ["addresses", "tickets", "addresses"],
      sort: "created_at",
    });
    expect(items).toMatchObject([
      { id: first.id, addresses: [{ id: address.id }], tickets: [] },
      { id: second.id, addresses: [], tickets: [{ id: ticket.id, currency: "USD" }] },
    ]);
  });

  it("limits an include to the newest fifty of each record, and lists the ids of records with more", async () => {
    const tag = newTag();
    const many = await aContact(database.db, { tags: [tag] });
    const few = await aContact(database.db, { tags: [tag] });
    await withJob(database.db, async (db) => {
      for (let visit = 0; visit < 51; visit++) await aTicket(db, { customer_id: many.id, address_id: null });
      for (let visit = 0; visit < 50; visit++) await aTicket(db, { customer_id: few.id, address_id: null });
    });
    const numbersOf = (item?: Item) =>
      (item?.["tickets"] as { number: number }[]).map(({ number }) => number);
    const include = ["tickets", "addresses"];
    const { items, truncated } = await list({
      type: "contacts",
      filters: { tag },
      include,
      sort: "created_at",
    });
    const [first, second] = items.map(numbersOf);
    expect([first?.length, second?.length, truncated]).toEqual([50, 50, { tickets: [many.id] }]);
    expect(first).toEqual([...(first ?? [])].sort((a, b) => b - a));
    const alone = await ask({ type: "contacts", id: many.id, include });
    expect(alone).toMatchObject({ truncated: { tickets: [many.id] } });
    expect("item" in alone && numbersOf(alone.item)).toEqual(first);
    expect(await ask({ type: "contacts", id: few.id, include })).not.toHaveProperty("truncated");
  });

  it("returns all lines of a visit, because no other query returns them", async () => {
    const line_items = Array.from({ length: 60 }, () => ({}));
    const { id } = await aTicket(database.db, { line_items });
    const answer = await ask({ type: "tickets", id, include: ["line_items"] });
    expect(answer).not.toHaveProperty("truncated");
    expect("item" in answer && answer.item["line_items"]).toHaveLength(60);
  });

  it("is empty when nothing matches", async () => {
    const answer = await list({ type: "tickets", filters: { customer_id: newId("contact") } });
    expect(answer).toMatchObject({ items: [], next_cursor: null, total: 0 });
  });
});

describe("an invalid query", () => {
  const refused: [unknown, string, string][] = [
    [{ type: "customers" }, "type", "tickets, contacts"],
    [{ type: "constructor" }, "type", "tickets, contacts"],
    [{ type: "tickets", filters: { state: "scheduled" } }, "filters.state", "status, customer_id"],
    [{ type: "tickets", filters: { toString: 1 } }, "filters.toString", "status"],
    [{ type: "contacts", include: ["tickets", "bills"] }, "include.1", "addresses, tickets"],
    [{ type: "contacts", include: ["__proto__"] }, "include.0", "addresses"],
    [{ type: "tickets", fields: ["during"] }, "fields.0", "window_local"],
    [{ type: "tickets", fields: ["line_items"] }, "fields.0", "total_cents"],
    [{ type: "tickets", sort: "-notes" }, "sort", "window_start"],
  ];

  it.each(refused)(
    "with an unknown name is rejected with the known names: %j",
    async (input, path, known) => {
      expect(await refusal(input)).toMatchObject({
        code: "validation_failed",
        fields: [{ path }],
        hint: expect.stringContaining(known),
      });
    },
  );

  it.each<[unknown, string]>([
    [{ type: "tickets", filters: { status: "done" } }, "filters.status"],
    [{ type: "tickets", filters: { status: null } }, "filters.status"],
    [{ type: "tickets", filters: { status: [] } }, "filters.status"],
    [{ type: "tickets", filters: { customer_id: "Garcia" } }, "filters.customer_id"],
    [{ type: "tickets", filters: { date: "2026-02-30" } }, "filters.date"],
    [{ type: "tickets", filters: { search: 5 } }, "filters.search"],
    [{ type: "tickets", filters: [] }, "filters"],
    [{ type: "contacts", limit: 0 }, "limit"],
    [{ type: "contacts", limit: 101 }, "limit"],
    [{ type: "contacts", limit: 1.5 }, "limit"],
    [{ type: "contacts", search: "a\0b" }, "search"],
    [{ type: "contacts", page: 2 }, "page"],
    [{ type: "contacts", id: "contact_01h45ytscbebyvny4gc8cr8ma2", search: "Maria" }, "search"],
    [{}, "type"],
  ])("is rejected with the field: %j", async (input, path) => {
    expect(await refusal(input)).toMatchObject({ code: "validation_failed", fields: [{ path }] });
  });

  it("is rejected with all unknown filters at once", async () => {
    const { fields } = await refusal({ type: "contacts", filters: { a: 1, kind: "person", b: 2 } });
    expect(fields.map((field) => field.path)).toEqual(["filters.a", "filters.b"]);
  });
});

it("a query runs in a read-only transaction: the database rejects a computed field that writes", async () => {
  const greedy: ResolvedRecordType = {
    ...contacts,
    type: "greedy",
    includes: {},
    shape: { ...contacts.shape, computed: { taken: computed("nextval('ticket_number_seq')") } },
  };
  await aContact(database.db);
  const asked = runQuery(database.db, { type: "greedy" }, { types: new Map([["greedy", greedy]]), now: NOW });
  await expect(asked).rejects.toThrow("read-only transaction");
});

import fc from "fast-check";
import { contacts } from "../../../src/domain/contact/type.ts";
import { CrmError, type ErrorBody } from "../../../src/domain/core/errors.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import {
  type Item,
  type QueryAnswer,
  type QueryInput,
  readRecord,
  type RecordType,
  runQuery,
} from "../../../src/domain/core/query.ts";
import { invoices } from "../../../src/domain/invoice/type.ts";
import { tickets } from "../../../src/domain/ticket/type.ts";
import type { Contact } from "../../../src/entities/contact.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import {
  aContact,
  anAddress,
  aTechnician,
  anInvoice,
  aTicket,
  theSettings,
  withJob,
} from "../../support/factories.ts";

const types = new Map<string, RecordType>([contacts, tickets, invoices].map((type) => [type.type, type]));
// Sunday evening in Chicago, Monday already in UTC.
const NOW = new Date("2026-11-23T03:00:00Z");

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await theSettings(database.db);
});
afterAll(() => database.drop());

const ask = (input: QueryInput): Promise<QueryAnswer> => runQuery(database.db, types, input, NOW);

async function list(input: QueryInput) {
  const answer = await ask(input);
  if (!("items" in answer)) throw new Error("one item where a list was asked for");
  return answer;
}

async function one(input: QueryInput): Promise<Item> {
  const answer = await ask(input);
  if (!("item" in answer)) throw new Error("a list where one item was asked for");
  return answer.item;
}

async function refusal(input: unknown): Promise<ErrorBody> {
  const answer = await runQuery(database.db, types, input, NOW).catch((error: unknown) => error);
  if (!(answer instanceof CrmError)) throw new Error(`not refused: ${JSON.stringify(answer)}`);
  return answer.body;
}

const ids = (items: Item[]) => items.map((item) => item.id);
const newTag = () => `tag-${newId("contact")}`;

/** Every page of a query; `between` happens after each. */
async function pages(input: QueryInput, between: () => unknown = () => undefined) {
  const seen: Item[] = [];
  for (let cursor: string | undefined; ;) {
    const { items, next_cursor } = await list({ ...input, cursor });
    seen.push(...items);
    if (next_cursor === null) return seen;
    if (seen.length > 500) throw new Error("the pages do not end");
    cursor = next_cursor;
    await between();
  }
}

describe("one record", () => {
  it("carries what a person needs: total, currency, local time, and related records under their names", async () => {
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

  it("says the end's day of a visit over midnight, and nothing for one without a time", async () => {
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

  it("is the same record that an action reads inside its transaction", async () => {
    const { id } = await aTicket(database.db, { line_items: [{}] });
    const inside = await withJob(database.db, (manager) => readRecord(manager, tickets, id, ["line_items"]));
    expect(inside).toEqual(await one({ type: "tickets", id, include: ["line_items"] }));
  });

  it("sees what its own transaction has written", async () => {
    const name = await withJob(database.db, async (manager) => {
      const { id } = await aContact(manager, { name: "Just Written" });
      return (await readRecord(manager, contacts, id)).name;
    });
    expect(name).toBe("Just Written");
  });

  it("is not found by an id that does not exist, whatever the id looks like", async () => {
    for (const id of [newId("contact"), "'; DROP TABLE contact; --", "42"]) {
      expect(await refusal({ type: "contacts", id })).toMatchObject({
        code: "not_found",
        message: `There is no contact ${id}.`,
      });
    }
  });

  it("keeps archived contacts within reach by id", async () => {
    const { id } = await aContact(database.db, { archived_at: NOW });
    expect(await one({ type: "contacts", id })).toMatchObject({ id });
  });
});

describe("a list", () => {
  it("has the newest first, counts all that match and says what day it is for the business", async () => {
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

  it("trims to the fields asked for; the id and the includes stay", async () => {
    const { id } = await aTicket(database.db, { line_items: [{}] });
    const item = await one({
      type: "tickets",
      id,
      fields: ["status", "total_cents"],
      include: ["line_items"],
    });
    expect(Object.keys(item).sort()).toEqual(["id", "line_items", "status", "total_cents"]);
  });

  it("gives each record its own related ones", async () => {
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

  it("is empty, not an error, where nothing matches", async () => {
    const answer = await list({ type: "tickets", filters: { customer_id: newId("contact") } });
    expect(answer).toMatchObject({ items: [], next_cursor: null, total: 0 });
  });
});

describe("filters", () => {
  it("take one status or several", async () => {
    const customer_id = (await aContact(database.db)).id;
    const open = await aTicket(database.db, { customer_id });
    const done = await aTicket(database.db, { customer_id, status: "completed" });
    await aTicket(database.db, { customer_id, status: "cancelled" });
    const found = async (status: unknown) =>
      ids((await list({ type: "tickets", filters: { customer_id, status }, sort: "number" })).items);
    expect(await found("completed")).toEqual([done.id]);
    expect(await found(["unscheduled", "completed"])).toEqual([open.id, done.id]);
  });

  it("hide archived contacts until they are asked for", async () => {
    const tag = newTag();
    const live = await aContact(database.db, { tags: [tag] });
    const gone = await aContact(database.db, { tags: [tag], archived_at: NOW });
    const found = async (archived?: string) =>
      ids((await list({ type: "contacts", filters: { tag, archived }, sort: "created_at" })).items);
    expect(await found()).toEqual([live.id]);
    expect(await found("yes")).toEqual([gone.id]);
    expect(await found("any")).toEqual([live.id, gone.id]);
  });

  it("read days in the business zone, also the long day that ends daylight time", async () => {
    const customer_id = (await aContact(database.db)).id;
    const at = (window_start: string) =>
      aTicket(database.db, { customer_id, status: "scheduled", window_start: new Date(window_start) });
    const saturday = await at("2026-11-01T04:59:59.999Z");
    const sunday = await at("2026-11-01T05:00:00Z");
    const late = await at("2026-11-02T05:30:00Z");
    const tonight = await at("2026-11-23T05:30:00Z");
    const tomorrow = await at("2026-11-23T21:30:00Z");
    const found = async (filters: Record<string, string>) =>
      ids(
        (await list({ type: "tickets", filters: { customer_id, ...filters }, sort: "window_start" })).items,
      );
    expect(await found({ date: "2026-11-01" })).toEqual([sunday.id, late.id]);
    expect(await found({ date: "today" })).toEqual([tonight.id]);
    expect(await found({ date: "tomorrow" })).toEqual([tomorrow.id]);
    expect(await found({ window_to: "2026-11-01" })).toEqual([saturday.id, sunday.id, late.id]);
    expect(await found({ window_from: "2026-11-01T00:00", window_to: "today" })).toEqual([
      sunday.id,
      late.id,
      tonight.id,
    ]);
    expect(await found({ window_from: "2026-11-23T05:30:00.001Z" })).toEqual([tomorrow.id]);
    expect(await found({ window_to: "9999-12-31", window_from: "2026-11-23" })).toEqual([tomorrow.id]);
  });

  /** A value that fits, for every filter that is declared. */
  const samples: Record<string, Record<string, unknown>> = {
    contacts: { kind: "company", tag: "vip", archived: "any", attributes: {} },
    tickets: {
      status: ["scheduled", "completed"],
      customer_id: newId("contact"),
      technician_id: newId("technician"),
      date: "tomorrow",
      window_from: "2026-11-01",
      window_to: "2026-11-30T17:00:00-06:00",
      attributes: {},
    },
    invoices: {
      status: "open",
      customer_id: newId("contact"),
      ticket_id: newId("ticket"),
      issued_from: "2026-11-02",
      issued_to: "today",
      due_from: "2026-11-20",
      due_to: "yesterday",
      overdue: true,
    },
  };

  for (const type of types.values()) {
    it(`of ${type.type} all go with every include and every sort`, async () => {
      const filters = samples[type.type] ?? {};
      expect(Object.keys(filters)).toEqual(Object.keys(type.filters));
      const include = Object.keys(type.includes);
      for (const sort of Object.keys(type.sorts).flatMap((name) => [name, `-${name}`])) {
        for (const [name, value] of Object.entries(filters)) {
          const answer = await list({ type: type.type, filters: { [name]: value }, include, sort, limit: 3 });
          for (const item of answer.items) expect(Object.keys(item)).toEqual(expect.arrayContaining(include));
        }
      }
      const all = await list({ type: type.type, filters: { ...filters, search: "nobody" }, include });
      expect(all.total).toBe(0);
    });

    it(`of ${type.type} match the rows that they describe, together as one by one`, async () => {
      const contact = await aContact(database.db, { kind: "company", tags: ["vip"] });
      const technician = await aTechnician(database.db);
      const ticket = await aTicket(database.db, {
        customer_id: contact.id,
        technician_id: technician.id,
        status: "scheduled",
      });
      const customer_id = contact.id;
      const bill = { customer_id, ticket_id: ticket.id };
      const invoice = await anInvoice(database.db, { ...bill, status: "open", due_date: "2026-11-20" });
      const own = { tickets: { customer_id, technician_id: technician.id }, invoices: bill, contacts: {} };
      const name = type.type as keyof typeof own; // The types of this file.
      const mine = { ...samples[name], ...own[name] };
      const wanted = { tickets: ticket.id, contacts: contact.id, invoices: invoice.id }[name];
      const { items } = await list({ type: type.type, filters: mine });
      expect(ids(items)).toContain(wanted);
      for (const [name, value] of Object.entries(mine)) {
        const found = await pages({ type: type.type, filters: { [name]: value }, limit: 100, fields: [] });
        expect({ [name]: ids(found) }).toEqual({ [name]: expect.arrayContaining([wanted]) });
      }
    });
  }
});

describe("search", () => {
  it("wants every word somewhere: name, company, e-mail, notes, phone in any notation", async () => {
    const word = newTag();
    const garcia = await aContact(database.db, {
      name: "Rosa Garcia",
      company: `Garcia ${word}`,
      emails: ["rosa@example.com"],
      phones: [{ number: "+16085550142", label: "mobile" }],
      notes: "Dog in the yard",
    });
    await aContact(database.db, { name: "Rosa Jones", company: word });
    const found = async (search: string) =>
      ids((await list({ type: "contacts", search: `${search} ${word}` })).items);
    for (const search of [
      "garcia",
      "ROSA gar",
      "rosa@example",
      "dog yard",
      "(608) 555-0142",
      "608.555.0142",
    ]) {
      expect({ search, ids: await found(search) }).toEqual({ search, ids: [garcia.id] });
    }
    expect(await found("garcia cat")).toEqual([]);
    expect(await found("608-555-0143")).toEqual([]);
  });

  it("puts matches of the name first, and pages through both kinds", async () => {
    const word = newTag();
    const named = await aContact(database.db, { name: `Mrs. ${word}` });
    const noted = await aContact(database.db, { name: "Neighbour", notes: `Next door to ${word}` });
    expect(ids((await list({ type: "contacts", search: word })).items)).toEqual([named.id, noted.id]);
    expect(ids(await pages({ type: "contacts", search: word, limit: 1 }))).toEqual([named.id, noted.id]);
  });

  it("finds visits by customer, number and notes, also from within filters as the guide writes it", async () => {
    const word = newTag();
    const customer = await aContact(database.db, { name: `Lucia ${word}` });
    const ticket = await aTicket(database.db, { customer_id: customer.id, notes: "Bring the long ladder" });
    const found = async (search: string) =>
      ids((await list({ type: "tickets", filters: { search: `${search} ${word}` }, search: word })).items);
    for (const search of [word, `#${ticket.number}`, `${ticket.number}`, "long ladder"]) {
      expect(await found(search)).toEqual([ticket.id]);
    }
  });

  it("takes what means something to SQL literally", async () => {
    const word = newTag();
    const literal = ["50%_off\\now", "O'Brien; DROP TABLE contact; --", '"quoted" $1 :name ?'];
    const visit = async (notes: string) => (await aTicket(database.db, { notes: `${notes} ${word}` })).id;
    const made: string[] = [];
    for (const notes of literal) made.push(await visit(notes));
    await visit("50 percent off now");
    for (const [index, notes] of literal.entries()) {
      const { items } = await list({ type: "tickets", search: `${notes} ${word}` });
      expect(ids(items)).toEqual([made[index]]);
    }
    expect((await list({ type: "contacts", filters: { tag: "' OR true --" } })).total).toBe(0);
    for (const type of ["contacts", "tickets"])
      expect((await list({ type, search: "%%%%%%" })).total).toBe(0);
  });

  it("of contacts puts slips of the pen right, looks into addresses, and ranks within the filters", async () => {
    const tag = newTag();
    const mine = await aContact(database.db, { name: "Aurelia Thistlewood", tags: [tag] });
    await aContact(database.db, { name: "Aurelia Thistlewood" });
    await aContact(database.db, { name: "Aurelia Thistlewood", tags: [tag], archived_at: NOW });
    await anAddress(database.db, { contact_id: mine.id, lines: ["8 Copperfield Close"] });
    for (const search of ["thistelwood", "aurelia coperfield", "copperfield close thistlewood"])
      expect(await list({ type: "contacts", search, filters: { tag } })).toMatchObject({
        items: [{ id: mine.id }],
        total: 1,
      });
  });

  it("of contacts ranks the best of very many and says that the total is an estimate, in any order asked for", async () => {
    const made = await withJob(database.db, (manager) =>
      manager.query(
        `INSERT INTO contact (id, name) SELECT 'contact_' || lpad(n::text, 26, '0'), 'Wilhelmina ' || chr(65 + n % 26)
         FROM generate_series(1, 230) n RETURNING id`,
      ),
    );
    expect(made).toHaveLength(230);
    const { total, total_is_estimate } = await list({ type: "contacts", search: "wilhelmina" });
    expect(total_is_estimate).toBe(true);
    expect(total).toBeGreaterThan(200);
    for (const sort of [undefined, "name", "-created_at"]) {
      const seen = ids(await pages({ type: "contacts", search: "wilhelmina", sort, limit: 60 }));
      expect({ sort, all: seen.length, each: new Set(seen).size }).toEqual({ sort, all: 200, each: 200 });
    }
  });

  it("answers any text without failing", async () => {
    const text = fc
      .string({ unit: "binary", maxLength: 40 })
      .filter((one) => !one.includes("\0") && one.isWellFormed());
    await fc.assert(
      fc.asyncProperty(text, async (search) => {
        expect(await list({ type: "contacts", search, limit: 1 })).toHaveProperty("total");
      }),
      { numRuns: 40 },
    );
  });
});

describe("cursors", () => {
  const sorts = [...types.values()].flatMap((type) =>
    Object.keys(type.sorts).flatMap((name) => [`${type.type} ${name}`, `${type.type} -${name}`]),
  );

  it.each(sorts)("neither repeat nor skip what was there, while rows are inserted: %s", async (asked) => {
    const [type = "", sort = ""] = asked.split(" ");
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }),
        async (limit, kinds) => {
          const tag = newTag();
          const customer_id = (await aContact(database.db)).id;
          const add = (kind: number) => {
            if (type === "contacts") return addContact(kind, tag);
            return type === "tickets" ? addTicket(kind, customer_id) : addInvoice(kind, customer_id);
          };
          const filters = type === "contacts" ? { tag } : { customer_id };
          const before: string[] = [];
          for (const kind of kinds) before.push((await add(kind)).id);
          let next = 0;
          const seen = ids(
            await pages({ type, filters, sort, limit }, () => (next < 12 ? add(next++ % 4) : undefined)),
          );
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen).toEqual(expect.arrayContaining(before));
        },
      ),
      { numRuns: 6, examples: [[1, [0, 3, 1, 3, 2, 2]]] },
    );
  });

  /** Equal values, values a microsecond apart and none at all: what ties and rounding would trip over. */
  const instants = [
    "2026-11-23T15:30:00.000001Z",
    "2026-11-23T15:30:00.000002Z",
    "2026-11-23T15:30:00.000002Z",
  ];

  /** Drafts, which have no days yet, among others. */
  const addInvoice = (kind: number, customer_id: string) =>
    anInvoice(database.db, {
      ...{ customer_id, total_cents: [100, 200, 200, 0][kind], created_at: new Date(instants[kind] ?? 0) },
      ...(kind > 0 && { status: "open", due_date: `2026-12-0${kind === 3 ? 2 : 1}` }),
    });

  const addContact = (kind: number, tag: string) =>
    withJob(database.db, async (manager) => {
      const contact = await aContact(manager, { tags: [tag], name: ["anna", "Anna", "Änne", "Zoë"][kind] });
      const at = instants[kind] ?? instants[0];
      await manager.query("UPDATE contact SET created_at = $2, updated_at = $2 WHERE id = $1", [
        contact.id,
        at,
      ]);
      return contact;
    });

  const addTicket = (kind: number, customer_id: string) =>
    withJob(database.db, async (manager) => {
      const ticket = await aTicket(manager, { customer_id, address_id: null });
      await manager.query(
        "UPDATE ticket SET window_start = $2, created_at = coalesce($2, created_at) WHERE id = $1",
        [ticket.id, instants[kind] ?? null],
      );
      return ticket;
    });

  it("go on where they stopped although the row they stopped at is gone", async () => {
    const tag = newTag();
    const made: string[] = [];
    for (let index = 0; index < 3; index++) made.push((await aContact(database.db, { tags: [tag] })).id);
    const query = { type: "contacts", filters: { tag }, sort: "created_at", limit: 1 };
    const first = await list(query);
    await withJob(database.db, (manager) => manager.query("DELETE FROM contact WHERE id = $1", [made[0]]));
    const second = await list({ ...query, cursor: first.next_cursor ?? "" });
    expect(ids(second.items)).toEqual([made[1]]);
  });

  it("stay good with another limit, other fields and filters in another order", async () => {
    const tag = newTag();
    for (let index = 0; index < 3; index++) await aContact(database.db, { tags: [tag] });
    const { next_cursor } = await list({ type: "contacts", filters: { tag, kind: "person" }, limit: 1 });
    const rest = await list({
      type: "contacts",
      filters: { kind: "person", tag },
      cursor: next_cursor ?? "",
      fields: ["name"],
    });
    expect(rest.items).toHaveLength(2);
  });

  it("of another query, and what never was one, are refused by name", async () => {
    const tag = newTag();
    for (let index = 0; index < 2; index++) await aContact(database.db, { tags: [tag] });
    const query = { type: "contacts", filters: { tag }, limit: 1 };
    const { next_cursor } = await list(query);
    const cursor = next_cursor ?? "";
    const content = JSON.parse(Buffer.from(cursor, "base64url").toString());
    const forged = (change: object) =>
      Buffer.from(JSON.stringify({ ...content, ...change })).toString("base64url");
    const bad = [
      { ...query, cursor, filters: { tag: "other" } },
      { ...query, cursor, sort: "name" },
      { ...query, cursor, search: "Maria" },
      { type: "tickets", cursor },
      ...["x", "%%%", "bnVsbA", forged({ of: "" }), forged({ id: 7 }), forged({ more: 1 })].map((one) => ({
        ...query,
        cursor: one,
      })),
      ...[null, "soon", "2026-02-30T00:00:00Z", "1'); --", 5, "\0"].map((value) => ({
        ...query,
        cursor: forged({ value }),
      })),
    ];
    for (const input of bad) {
      expect({ input, error: await refusal(input) }).toMatchObject({
        input,
        error: {
          code: "validation_failed",
          fields: [{ path: "cursor" }],
          hint: expect.stringContaining("next_cursor"),
        },
      });
    }
  });
});

describe("what does not exist", () => {
  const refused: [unknown, string, string][] = [
    [{ type: "customers" }, "type", "contacts, tickets"],
    [{ type: "constructor" }, "type", "contacts, tickets"],
    [{ type: "tickets", filters: { state: "scheduled" } }, "filters.state", "status, customer_id"],
    [{ type: "tickets", filters: { toString: 1 } }, "filters.toString", "status"],
    [{ type: "contacts", include: ["tickets", "bills"] }, "include.1", "addresses, tickets"],
    [{ type: "contacts", include: ["__proto__"] }, "include.0", "addresses"],
    [{ type: "tickets", fields: ["during"] }, "fields.0", "window_local"],
    [{ type: "tickets", fields: ["line_items"] }, "fields.0", "total_cents"],
    [{ type: "tickets", sort: "-notes" }, "sort", "window_start"],
  ];

  it.each(refused)("is refused with the names that do: %j", async (input, path, known) => {
    expect(await refusal(input)).toMatchObject({
      code: "validation_failed",
      fields: [{ path }],
      hint: expect.stringContaining(known),
    });
  });

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
  ])("names the field that does not fit: %j", async (input, path) => {
    expect(await refusal(input)).toMatchObject({ code: "validation_failed", fields: [{ path }] });
  });

  it("names every unknown name at once", async () => {
    const { fields } = await refusal({ type: "contacts", filters: { a: 1, kind: "person", b: 2 } });
    expect(fields.map((field) => field.path)).toEqual(["filters.a", "filters.b"]);
  });
});

it("reads only: a declaration that would write is refused by the database", async () => {
  const greedy: RecordType = {
    ...contacts,
    type: "greedy",
    shape: { ...contacts.shape, computed: { taken: "nextval('ticket_number_seq')" } },
  };
  await aContact(database.db);
  const asked = runQuery(database.db, new Map([["greedy", greedy]]), { type: "greedy" }, NOW);
  await expect(asked).rejects.toThrow("read-only transaction");
});

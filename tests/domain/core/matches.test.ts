import fc from "fast-check";
import { newId } from "../../../src/domain/core/ids.ts";
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
import { asking, ids, newTag, NOW, types } from "./asking.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await theSettings(database.db);
});
afterAll(() => database.drop());
const { list, pages } = asking(() => database);

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

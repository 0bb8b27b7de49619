import fc from "fast-check";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, anAddress, aTicket, theSettings, withJob } from "../../support/factories.ts";
import { asking, ids, newTag, NOW } from "./asking.ts";
import { rounds } from "../../support/form.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await theSettings(database.db);
});
afterAll(() => database.drop());
const { list, pages } = asking(() => database);

describe("filters", () => {
  it("accept one status or several", async () => {
    const customer_id = (await aContact(database.db)).id;
    const open = await aTicket(database.db, { customer_id });
    const done = await aTicket(database.db, { customer_id, status: "completed" });
    await aTicket(database.db, { customer_id, status: "cancelled" });
    const found = async (status: unknown) =>
      ids((await list({ type: "tickets", filters: { customer_id, status }, sort: "number" })).items);
    expect(await found("completed")).toEqual([done.id]);
    expect(await found(["unscheduled", "completed"])).toEqual([open.id, done.id]);
  });

  it("exclude archived contacts unless `archived` is given", async () => {
    const tag = newTag();
    const live = await aContact(database.db, { tags: [tag] });
    const gone = await aContact(database.db, { tags: [tag], archived_at: NOW });
    const found = async (archived?: string) =>
      ids((await list({ type: "contacts", filters: { tag, archived }, sort: "created_at" })).items);
    expect(await found()).toEqual([live.id]);
    expect(await found("yes")).toEqual([gone.id]);
    expect(await found("any")).toEqual([live.id, gone.id]);
  });

  it("interpret days in the business zone, including the 25-hour day when daylight time ends", async () => {
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

    expect(await found({ date: "Nov 1" })).toEqual([sunday.id, late.id]);
    expect(await found({ date: "11/1" })).toEqual([sunday.id, late.id]);
    expect(await found({ date: "next Monday" })).toEqual([tomorrow.id]);
    expect(await found({ window_from: "November 1 at 11pm" })).toEqual([late.id, tonight.id, tomorrow.id]);
    expect(await found({ window_from: "tomorrow afternoon", window_to: "next week" })).toEqual([tomorrow.id]);
    expect(await found({ window_from: "tomorrow", window_to: "tomorrow morning" })).toEqual([]);
  });

  it.each([
    ["date", "next Blursday", /Blursday/i],
    ["date", "tomorrow and Friday", /./],
    ["window_from", "Feb 30", /2027-02-28|2026-02-28/],
    ["window_to", "", /./],
    ["window_to", "25:00 tomorrow", /./],
    ["date", "9999 years ago", /outside of the years/],
    ["window_from", "last 9999 years", /outside of the years/],
    ["window_to", "9999 years ago", /outside of the years/],
  ])("refuse %s %j, which cannot be read, and name the filter", async (name, words, message) => {
    await expect(list({ type: "tickets", filters: { [name]: words } })).rejects.toMatchObject({
      code: "validation_failed",
      body: { fields: [{ path: `filters.${name}`, message: expect.stringMatching(message) }] },
    });
  });
});

describe("search", () => {
  it("finds a contact when each word matches its name, company, e-mail, notes or phone in any notation", async () => {
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

  it("ranks matches in the name first, and pages through all matches", async () => {
    const word = newTag();
    const named = await aContact(database.db, { name: `Mrs. ${word}` });
    const noted = await aContact(database.db, { name: "Neighbour", notes: `Next door to ${word}` });
    expect(ids((await list({ type: "contacts", search: word })).items)).toEqual([named.id, noted.id]);
    expect(ids(await pages({ type: "contacts", search: word, limit: 1 }))).toEqual([named.id, noted.id]);
  });

  it("finds visits by customer, number and notes, also when `search` is a filter", async () => {
    const word = newTag();
    const customer = await aContact(database.db, { name: `Lucia ${word}` });
    const ticket = await aTicket(database.db, { customer_id: customer.id, notes: "Bring the long ladder" });
    const found = async (search: string) =>
      ids((await list({ type: "tickets", filters: { search: `${search} ${word}` }, search: word })).items);
    for (const search of [word, `#${ticket.number}`, `${ticket.number}`, "long ladder"]) {
      expect(await found(search)).toEqual([ticket.id]);
    }
  });

  it("treats characters with a meaning in SQL as plain text", async () => {
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

  it("of contacts corrects typos, includes addresses and applies the filters", async () => {
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

  it("of contacts returns the best 200 of more matches in any sort, and marks the total as an estimate", async () => {
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

  it("does not fail on any text", async () => {
    const text = fc
      .string({ unit: "binary", maxLength: 40 })
      .filter((one) => !one.includes("\0") && one.isWellFormed());
    await fc.assert(
      fc.asyncProperty(text, async (search) => {
        expect(await list({ type: "contacts", search, limit: 1 })).toHaveProperty("total");
      }),
      { numRuns: rounds(10, 40) },
    );
  });
});

import { actionKey } from "../../../src/domain/core/action.ts";
import fc from "fast-check";
import type { EntityManager } from "typeorm";
import { findCustomers } from "../../../src/domain/contact/find.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { demoJobs } from "../../../src/demo/customers.ts";
import { rows } from "../../../src/database/sql.ts";
import { Ticket, type TicketStatus } from "../../../src/entities/ticket.ts";
import { act, MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import {
  aContact,
  anAddress,
  anInvoice,
  aTechnician,
  aTicket,
  theSettings,
  withJob,
} from "../../support/factories.ts";
import { shortestMs } from "../../support/timing.ts";
import { rounds } from "../../support/form.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  await aTechnician(test.db);
  const registry = makeRegistry(domains);
  const done = new Map<string, unknown>();
  for (const { key, action, data, at } of demoJobs("2026-11-23", "America/Chicago")) {
    const [domain = "", name = ""] = action.split(".");
    done.set(key, await act(test.db, registry.action(actionKey({ domain, name })), data(done), at));
  }
  await decoys();
});
afterAll(() => test.drop());

/** Contacts that share a word or number with the expected ones. */
const decoys = () =>
  withJob(test.db, async (db) => {
    const people: [name: string, street: string, city: string, notes?: string][] = [
      ["Marta Jansen", "12 Elm Street", "Madison"],
      ["Madison Price", "9 Oak Street", "Milwaukee", "Elderly woman, lives alone."],
      ["Elaine Young", "88 Madison Avenue", "Milwaukee", "Elderly woman."],
      ["Bob Stone", "456 Oakdale Road", "Verona", "Young woman at the desk."],
      ["Joan Sonderby", "7 Johnson Street", "Madison", "Knows the Johnsons."],
      ["Omar Haddad", "456 Pine Court", "Madison", "Elderly man."],
      ["Łukasz O'Brien", "3 Rue Émile", "Sauk City"],
    ];
    for (const [name, street, city, notes = null] of people) {
      const { id } = await aContact(db, { name, notes });
      await anAddress(db, { contact_id: id, lines: [street], city });
    }
    const phones = [{ number: "+16085550742", label: null }];
    const ivy = await aContact(db, { name: "Ivy Lund", phones });
    await anAddress(db, { contact_id: ivy.id, lines: ["3 Cedar Way"], city: "Monona" });
    const cedar = await aContact(db, { name: "Amos Cedar" });
    await anAddress(db, { contact_id: cedar.id, lines: ["8 Bay Way"], city: "Monona" });
    for (const name of ["Anna Brixton Dental", "Brixton"]) await aContact(db, { name });
    const numbers: [name: string, number: string][] = [
      ["Adam Middle", "+49612555019977"],
      ["Ellen Ending", "+16125550199"],
      ["Ada Trunk", "+49305550177"],
      ["Zed Trunk", "+10305550177"],
    ];
    for (const [name, number] of numbers) await aContact(db, { name, phones: [{ number, label: null }] });
    await aContact(db, { name: "Paula Perch", notes: "Loud parrot." });
    await aContact(db, { name: "Chris Crowd", notes: "The customer who lives with a brother." });
    await crowd(db, { name: "Yvette Nguyen", notes: "One of many." });
    const phone = { number: "+13125550953", label: null };
    await aContact(db, { id: await lastId(db), name: "Yvette Nguyen-Last", phones: [phone] });
    await crowd(db, { name: "Somebody Else", notes: "Flies kites." });
    await aContact(db, { id: await lastId(db), name: "Kites Ltd" });
  });

/** An id in the last partition of the index, which a search with enough matches does not read. */
async function lastId(db: EntityManager): Promise<string> {
  const candidates = Array.from({ length: 200 }, () => newId("contact"));
  const [last] = await rows<{ id: string }>(
    db,
    "SELECT id FROM unnest($1::text[]) id WHERE satisfies_hash_partition('contact_search'::regclass, 8, 7, id)",
    [candidates],
  );
  return last?.id ?? "";
}

/** More contacts than a search reads. */
const crowd = (db: EntityManager, { name, notes }: { name: string; notes: string }) =>
  db.query(
    `INSERT INTO contact (id, name, notes)
     SELECT 'contact_' || md5($1 || n), $1, $2 FROM generate_series(1, 400) n`,
    [name, notes],
  );

/** Changes the status of Maria Garcia's visit. */
const begin = (db: EntityManager, from: TicketStatus, status: TicketStatus) =>
  db.update(Ticket, { window_start: new Date("2026-11-23T21:30:00Z"), status: from }, { status });

const find = async (query: string, include_history = false, now = MONDAY_9) =>
  (await findCustomers(test.db, { query, include_history }, now)).candidates;
const first = async (query: string) => (await find(query))[0];

describe("find_customer", () => {
  it.each([
    ["Jonson", "Johnson Family", ["name"]],
    ["oak street madison", "Martha Olsen", ["address"]],
    ["elderly woman in Madison", "Martha Olsen", ["address", "notes"]],
    ["marta 456 oak", "Martha Olsen", ["name", "address"]],
    ["456 Oak St.", "Martha Olsen", ["address"]],
    ["mrs garcia", "Maria Garcia", ["name"]],
    ["gacria", "Maria Garcia", ["name"]],
    ["cedar way monona", "Ivy Lund", ["address"]],
    ["ivy 0742", "Ivy Lund", ["name", "phone"]],
    ["zzyzx elderly widowed oak", "Martha Olsen", ["address", "notes"]],
    ["maria.garcia@example.com", "Maria Garcia", ["email"]],
    ["office@smith", "Smith Dental", ["email"]],
    ["smithdental", "Smith Dental", ["email"]],
    ["old lady with a victorian", "Martha Olsen", ["notes"]],
    ["+1 608.555.0160", "Smith Dental", ["phone"]],
    ["0188", "Park Place HOA", ["phone"]],
    ["the one with the screens in the garage", "Maria Garcia", ["history"]],
    ["lukasz obrien", "Łukasz O'Brien", ["name"]],
    ["rue emile", "Łukasz O'Brien", ["address"]],
    ["53719", "Park Place HOA", ["address"]],
    ["brixton", "Brixton", ["name"]], // The whole name comes before a part of one.
    ["612-555-0199", "Ellen Ending", ["phone"]], // The end of a number comes before its middle.
    ["030 5550177", "Ada Trunk", ["phone"]], // A trunk 0 is not part of the number.
    ["the customer with a parrot", "Paula Perch", ["notes"]], // Stop words are ignored.
    ["yvette 0953", "Yvette Nguyen-Last", ["name", "phone"]], // A bare number may be part of a phone number.
    ["kites", "Kites Ltd", ["name"]], // Names are searched even when there are very many matches.
  ])("finds by %s first %s", async (query, name, matched_on) => {
    expect(await first(query)).toMatchObject({ name, matched_on });
  });

  it("finds everyone whose number contains a fragment, and returns what matched", async () => {
    const found = await find("(608) 555-01");
    expect(found.map(({ name }) => name)).toContain("Johnson Family");
    expect(found.every(({ matched_on }) => matched_on.join() === "phone")).toBe(true);
    expect(await find("(608) 555-99")).toEqual([]);
  });

  it("scores an exact name 1, a corrected name lower and a match in notes lowest", async () => {
    const full = await first("Johnson Family");
    const guessed = await first("Jonson Famly");
    const described = await first("knows the johnsons");
    expect(full).toMatchObject({ name: "Johnson Family", score: 1 });
    expect(guessed).toMatchObject({ name: "Johnson Family" });
    expect(described).toMatchObject({ name: "Joan Sonderby", matched_on: ["notes"] });
    expect(guessed?.score).toBeLessThan(1);
    expect(described?.score).toBeLessThan(guessed?.score ?? 0);
  });

  it("returns a one-line summary, and notes only as untrusted text when they matched", async () => {
    expect(await first("elderly woman in Madison")).toEqual({
      id: expect.stringMatching(/^contact_/),
      name: "Martha Olsen",
      score: expect.any(Number),
      matched_on: ["address", "notes"],
      summary: "Martha Olsen · +16085550126 · 456 Oak Street, Madison, WI",
      untrusted_notes: "Elderly woman, widowed last year. Large Victorian, more than 25 windows.",
    });
    expect(await first("Martha Olsen")).not.toHaveProperty("untrusted_notes");
  });

  it("returns the same candidates in the same order each time", async () => {
    for (const query of ["madison", "(608) 555-01", "woman oak street"]) {
      expect(await find(query)).toEqual(await find(query));
    }
  });

  it("returns the history when it is requested", async () => {
    const [johnsons] = await find("johnson family", true);
    expect(johnsons?.history).toMatchObject({
      tickets: 15,
      last_visit: { status: "completed", window_start: expect.stringMatching(/^2026-09-28T14:00/) },
      next_visit: null,
      lifetime_value_cents: 450_000,
      open_balance_cents: 0,
      currency: "USD",
    });
    const customer_id = johnsons?.id ?? "";
    await anInvoice(test.db, { customer_id, status: "partially_paid", paid_cents: 15_000 });
    await anInvoice(test.db, { customer_id });
    expect((await find("johnson family", true))[0]?.history).toMatchObject({ open_balance_cents: 30_000 });
    const [garcia] = await find("maria garcia", true);
    expect(garcia?.history).toMatchObject({
      last_visit: null,
      next_visit: { status: "scheduled", window_start: "2026-11-23T21:30:00Z" },
      lifetime_value_cents: 0,
    });
  });

  it("counts a visit as the next one until its day ends, whether started or not", async () => {
    const next = async (now: string) => (await find("maria garcia", true, new Date(now)))[0]?.history;
    const open = { last_visit: null, next_visit: { window_start: "2026-11-23T21:30:00Z" } };
    expect(await next("2026-11-24T05:59:59Z")).toMatchObject(open);
    await withJob(test.db, (db) => begin(db, "scheduled", "in_progress"));
    expect(await next("2026-11-24T05:59:59Z")).toMatchObject({
      last_visit: null,
      next_visit: { status: "in_progress" },
    });
    expect(await next("2026-11-24T06:00:00Z")).toMatchObject({
      last_visit: { status: "in_progress" },
      next_visit: null,
    });
    await withJob(test.db, (db) => begin(db, "in_progress", "scheduled"));
    expect(await next("2026-11-24T06:00:00Z")).toMatchObject({ last_visit: null, next_visit: null });
  });

  it("ranks a customer with a visit above others of the same name", async () => {
    await aContact(test.db, { name: "Ulla Brandt" });
    const { customer_id } = await aTicket(test.db, {
      customer_id: (await aContact(test.db, { name: "Ulla Brandt" })).id,
      address_id: null,
    });
    await aContact(test.db, { name: "Ulla Brandt" });
    expect(await find("ula brandt")).toMatchObject([{ id: customer_id }, {}, {}]);
  });

  it("leaves out archived customers and resolves merged ones to the remaining customer", async () => {
    const kept = await aContact(test.db, { name: "Quentin Zabriskie" });
    await aContact(test.db, { name: "Quentin Gone", archived_at: MONDAY_9 });
    await aContact(test.db, {
      name: "Q. Zebrowski",
      phones: [{ number: "+13125550777", label: null }],
      merged_into_id: kept.id,
      archived_at: MONDAY_9,
    });
    expect((await find("quentin")).map(({ id }) => id)).toEqual([kept.id]);
    expect((await find("zebrowski")).map(({ id }) => id)).toEqual([kept.id]);
    expect((await find("312-555-0777")).map(({ id }) => id)).toEqual([kept.id]);
  });

  it("finds a customer by a line item of their visit", async () => {
    const { customer_id } = await aTicket(test.db, { line_items: [{ description: "Chandelier polishing" }] });
    expect(await first("chandalier")).toMatchObject({ id: customer_id, matched_on: ["history"] });
  });

  it("returns nothing for a query without known words", async () => {
    for (const query of ["???", "xyzzyqwv", "%_%"]) expect(await find(query)).toEqual([]);
  });

  it("looks for no corrections of a word that is longer than every indexed one", async () => {
    const word = (length: number) =>
      Array.from({ length }, (_, nth) => "aegiknorstuvz"[(nth * nth + 3 * nth) % 13]).join("");
    const none = async (text: string) => expect(await find(text)).toEqual([]);
    const corrected = await shortestMs(() => none(word(40)));
    const long = await shortestMs(() => none(word(500)), 1); // It has 125,000 variants with one or two letters less.
    expect(long / corrected).toBeLessThan(20);
  });

  it("does not fail on any text", async () => {
    const text = fc
      .string({ unit: "binary", minLength: 1, maxLength: 60 })
      .filter((one) => !one.includes("\0") && one.isWellFormed());
    const spoken = fc.string({ unit: fc.constantFrom(..."ab '\"\\@.(+)-0123:*&|!~<"), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, spoken), async (query) => {
        expect(await find(query)).toEqual(expect.any(Array));
      }),
      { numRuns: rounds(20, 80) },
    );
  });
});

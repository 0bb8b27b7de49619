import pg from "pg";
import { addAddress } from "../../src/domain/contact/add-address.ts";
import { createContact } from "../../src/domain/contact/create.ts";
import { deleteContact } from "../../src/domain/contact/delete.ts";
import { updateContact } from "../../src/domain/contact/update.ts";
import { findCustomers } from "../../src/domain/contact/find.ts";
import { createTicket } from "../../src/domain/ticket/create.ts";
import { rows } from "../../src/database/sql.ts";
import { buildSearch, renewSearch } from "../../src/database/search-index.ts";
import { loadSynthetic } from "../../src/demo/synthetic.ts";
import { act, MONDAY_9, refusal } from "../support/act.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { aContact, aLineItem, anAddress, aTicket, theSettings, withJob } from "../support/factories.ts";
import { agent, makePipeline, owner } from "../support/pipeline.ts";

describe("the search index", () => {
  let test: TestDatabase;
  beforeAll(async () => void (test = await testDatabase()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.clear();
    await theSettings(test.db);
  });

  const find = async (query: string) => {
    const { candidates } = await findCustomers(test.db, { query, include_history: false }, MONDAY_9);
    return candidates.map(({ id }) => id);
  };
  const index = () =>
    rows<{ contact_id: string }>(
      test.db.manager,
      "SELECT contact_id, words::text, digits FROM contact_search ORDER BY contact_id",
    );
  const words = async () =>
    (
      await rows<{ word: string }>(test.db.manager, "SELECT DISTINCT word FROM search_word ORDER BY word")
    ).map(({ word }) => word);

  it("follows every change of a customer, including undo", async () => {
    const pipeline = makePipeline(test.db);
    const { result } = await pipeline.ask(agent, "contact.create", { name: "Ottoline Varga" });
    const { id } = result as { id: string };
    expect(await find("ottoline")).toEqual([id]);

    const update = await pipeline.ask(agent, "contact.update", {
      id,
      name: "Ottilie Varga",
      phones: [{ number: "(608) 555-0199" }],
      notes: "Grand piano",
    });
    expect([await find("ottilie"), await find("555-0199"), await find("piano")]).toEqual([[id], [id], [id]]);

    await pipeline.ask(agent, "contact.add_address", { id, lines: ["31 Quince Row"], city: "Lodi" });
    expect(await find("quince lodi")).toEqual([id]);

    const ticket = await pipeline.ask(agent, "ticket.create", {
      customer_id: id,
      line_items: [{ description: "Greenhouse panes", unit_price_cents: 100 }],
    });
    expect(await find("greenhouse")).toEqual([id]);
    await pipeline.ask(agent, "job.undo", { job_id: ticket.id });
    expect(await find("greenhouse")).toEqual([]);

    const removed = await pipeline.ask(owner, "contact.delete", { id });
    expect(await find("varga")).toEqual([]);
    expect(await index()).toEqual([]);
    await pipeline.ask(owner, "job.undo", { job_id: removed.id });
    expect([await find("quince"), await find("ottilie"), await find("5550199")]).toEqual([[id], [id], [id]]);

    await pipeline.ask(agent, "job.undo", { job_id: update.id });
    expect([await find("piano"), await find("555-0199")]).toEqual([[], []]);
  });

  it("does not change after a rollback or an update of other columns", async () => {
    const { id } = await aContact(test.db, { name: "Petra Lund" });
    const before = await rows(test.db.manager, "SELECT ctid, xmin FROM contact_search");
    await act(test.db, updateContact, { id, preferred_channel: "sms" });
    expect(await rows(test.db.manager, "SELECT ctid, xmin FROM contact_search")).toEqual(before);
    const failing = withJob(test.db, async (db) => {
      await db.query("UPDATE contact SET name = 'Nobody' WHERE id = $1", [id]);
      throw new Error("after all not");
    });
    await expect(failing).rejects.toThrow("after all not");
    expect([await find("petra"), await find("nobody")]).toEqual([[id], []]);
  });

  it("follows addresses and visits that a merge moves to another customer", async () => {
    const [kept, gone] = [
      await aContact(test.db, { name: "Kept One" }),
      await aContact(test.db, { name: "Gone Wexley", emails: ["wexley@example.org"] }),
    ];
    await anAddress(test.db, { contact_id: gone.id, lines: ["5 Lantern Hill"] });
    await aTicket(test.db, {
      customer_id: gone.id,
      address_id: null,
      line_items: [{ description: "Cupola" }],
    });
    await withJob(test.db, async (db) => {
      for (const table of ["address SET contact_id", "ticket SET customer_id"])
        await db.query(`UPDATE ${table} = $1`, [kept.id]);
      await db.query("UPDATE contact SET merged_into_id = $1, archived_at = now() WHERE id = $2", [
        kept.id,
        gone.id,
      ]);
    });
    for (const query of ["lantern hill", "cupola", "wexley", "wexley@example.org"])
      expect({ query, found: await find(query) }).toEqual({ query, found: [kept.id] });
  });

  it("is the same after a rebuild, except for words that no customer has any more", async () => {
    const { id } = await act(test.db, createContact, {
      name: "Zoë O'Hara-Smith",
      company: "Ångström & Co.",
      phones: [{ number: "(608) 555-0142" }, { number: "+49 30 123456" }],
      emails: ["zoe@ohara.example.com", "z@example.org"],
      tags: ["spring-offer"],
      notes: "Rings twice; 24/7 gate.",
    });
    const contact = String(id);
    await act(test.db, addAddress, {
      id: contact,
      lines: ["1 Rue de l'Église", "Apt 4"],
      city: "Sun Prairie",
    });
    await act(test.db, createTicket, { customer_id: contact, notes: "Bring the long ladder" });
    await aLineItem(test.db, { description: "Skylight, 2nd floor" });
    const { id: leaving } = await act(test.db, createContact, { name: "Ephemeral" });
    await act(test.db, deleteContact, { id: String(leaving) });

    const [kept, known] = [await index(), await words()];
    expect(known).toEqual(expect.arrayContaining(["ephemeral", "ohara", "angstrom", "leglise", "skylight"]));
    for (const work of [renewSearch, buildSearch, renewSearch]) {
      const progress: [number, number][] = [];
      expect(await work(test.url, (done, total) => progress.push([done, total]))).toBe(kept.length);
      expect(progress).toEqual([[kept.length, kept.length]]);
      expect(await index()).toEqual(kept);
      expect(await words()).toEqual(known.filter((word) => word !== "ephemeral"));
    }

    await act(test.db, updateContact, { id: contact, name: "Zadie Ohara" });
    expect(await find("zadi")).toEqual([contact]);
  });

  it("is repaired by renewSearch while others write", async () => {
    const [lost, wrong] = [
      await aContact(test.db, { name: "Lost" }),
      await aContact(test.db, { name: "Wrong" }),
    ];
    const owner = new pg.Client(test.url);
    await owner.connect();
    await owner.query("DELETE FROM contact_search WHERE contact_id = $1", [lost.id]);
    await owner.query("UPDATE contact_search SET words = 'nonsense', digits = '1' WHERE contact_id = $1", [
      wrong.id,
    ]);
    await owner.query("INSERT INTO contact_search VALUES ('contact_gone', 'gone', '2')");
    await owner.query("DELETE FROM search_word");
    await owner.query("BEGIN; LOCK TABLE contact IN ROW EXCLUSIVE MODE"); // The lock that a writer takes.
    await renewSearch(test.url);
    await owner.query("ROLLBACK");
    await owner.end();
    expect([await find("lost"), await find("wrnog"), await find("nonsense")]).toEqual([
      [lost.id],
      [wrong.id],
      [],
    ]);
    expect(await index()).toHaveLength(2);
  });

  it("contains both of two concurrent changes to one customer", async () => {
    const { id } = await aContact(test.db);
    const streets = ["Larkspur", "Foxglove", "Bluebell", "Marigold"];
    await Promise.all(streets.map((street) => act(test.db, addAddress, { id, lines: [`1 ${street} Lane`] })));
    for (const street of streets) expect(await find(street)).toEqual([id]);
  });

  it("is written by the triggers only", async () => {
    for (const write of [
      "INSERT INTO search_word VALUES ('forged')",
      "DELETE FROM contact_search",
      "SELECT refresh_contact_search('{}')",
    ])
      await expect(rows(test.db.manager, write)).rejects.toMatchObject({ code: "42501" });
  });

  it("is built after synthetic customers are loaded, which a database with customers refuses", async () => {
    await loadSynthetic(test.url, 2_000, () => undefined);
    await loadSynthetic(test.url, 2_000, () => undefined);
    expect(await buildSearch(test.url)).toBe(2_000);
    const [somebody] = await rows<{ id: string; email: string }>(
      test.db.manager,
      "SELECT id, emails[1] AS email FROM contact WHERE id ~ '^contact_[0-7][0-9a-hjkmnp-tv-z]{25}$' LIMIT 1",
    );
    expect(await find(somebody?.email ?? "")).toEqual([somebody?.id]);
    await makePipeline(test.db).ask(agent, "contact.create", { name: "Real Customer" });
    expect(await refusal(loadSynthetic(test.url, 10, () => undefined))).toMatchObject({
      code: "conflict",
      hint: expect.stringContaining("DATABASE_URL"),
    });
  });
});

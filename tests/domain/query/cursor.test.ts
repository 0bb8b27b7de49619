import fc from "fast-check";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, anInvoice, aTicket, theSettings, withJob } from "../../support/factories.ts";
import { asking, ids, newTag, types } from "./asking.ts";
import { rounds } from "../../support/form.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await theSettings(database.db);
});
afterAll(() => database.drop());
const { list, refusal, pages } = asking(() => database);

describe("cursors", () => {
  const sorts = ["contacts", "tickets", "invoices"]
    .flatMap((name) => types.get(name) ?? [])
    .flatMap((type) =>
      Object.keys(type.sorts).flatMap((name) => [`${type.type} ${name}`, `${type.type} -${name}`]),
    );

  it.each(sorts)("neither repeat nor skip existing rows while rows are inserted: %s", async (asked) => {
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
      { numRuns: rounds(2, 6), examples: [[1, [0, 3, 1, 3, 2, 2]]] },
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

  it("continue at the same position when the last returned row was deleted", async () => {
    const tag = newTag();
    const made: string[] = [];
    for (let index = 0; index < 3; index++) made.push((await aContact(database.db, { tags: [tag] })).id);
    const query = { type: "contacts", filters: { tag }, sort: "created_at", limit: 1 };
    const first = await list(query);
    await withJob(database.db, (manager) => manager.query("DELETE FROM contact WHERE id = $1", [made[0]]));
    const second = await list({ ...query, cursor: first.next_cursor ?? "" });
    expect(ids(second.items)).toEqual([made[1]]);
  });

  it("remain valid with another limit, other fields, or the filters in another order", async () => {
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

  it("are rejected with the field when they belong to another query or are invalid", async () => {
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

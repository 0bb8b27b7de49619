import type { QueryInput } from "../../../src/domain/query/parse.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { fieldsOf } from "../../../src/domain/core/shape.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTicket, theSettings } from "../../support/factories.ts";
import { asking, newTag, NOW, types } from "./asking.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

const { one, refusal } = asking(() => test);
const BYTES = 40_000;

async function list(input: QueryInput) {
  const answer = await runQuery(test.db, input, { types, now: NOW, forModel: true });
  if (!("items" in answer)) throw new Error("one item where a list was asked for");
  return answer;
}
async function item(input: QueryInput) {
  const answer = await runQuery(test.db, input, { types, now: NOW, forModel: true });
  if (!("item" in answer)) throw new Error("a list where one item was asked for");
  return answer.item;
}

describe("a page for a model", () => {
  it("ends early where it would be longer than 40 kB, says why, and goes on with next_cursor", async () => {
    const tag = newTag();
    const made = [];
    for (let n = 0; n < 30; n++)
      made.push(await aContact(test.db, { tags: [tag], notes: "n".repeat(3_000) }));
    const query: QueryInput = { type: "contacts", filters: { tag }, limit: 30 };
    const seen: unknown[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await list({ ...query, ...(cursor && { cursor }) });
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(BYTES);
      expect(page.total).toBe(30);
      if (page.next_cursor) expect(page.ended_early).toMatch(/^The page ends after \d+ of \d+ items/);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
      pages += 1;
    } while (cursor);
    expect(seen).toHaveLength(30);
    expect(new Set(seen)).toEqual(new Set(made.map(({ id }) => id)));
    expect(pages).toBeGreaterThan(1);
    const short = await list({ ...query, fields: ["name"] });
    expect(short.items).toHaveLength(30);
    expect(short).not.toHaveProperty("ended_early");
  });

  it("has at least one item, however large it is", async () => {
    const tag = newTag();
    await aContact(test.db, { tags: [tag], notes: "n".repeat(50_000) });
    await aContact(test.db, { tags: [tag], notes: "n".repeat(50_000) });
    const page = await list({ type: "contacts", filters: { tag } });
    expect(page.items).toHaveLength(1);
    expect(page.next_cursor).not.toBeNull();
  });
});

describe("included records", () => {
  it("come short for a model, and lines and addresses whole", async () => {
    const { id, number } = await aTicket(test.db, { line_items: [{}] });
    const include = ["customer", "address", "line_items"];
    const ticket = await item({ type: "tickets", id, include });
    const whole = await one({ type: "tickets", id, include });
    expect(Object.keys(ticket["customer"] as object).sort()).toEqual(["company", "id", "name", "phones"]);
    expect(ticket["address"]).toEqual(whole["address"]);
    expect(ticket["line_items"]).toEqual(whole["line_items"]);
    expect(Object.keys(whole["customer"] as object)).toEqual(
      expect.arrayContaining(["notes", "emails", "tags"]),
    );
    const customer = await item({
      type: "contacts",
      id: String(ticket["customer_id"]),
      include: ["tickets"],
    });
    expect(customer["tickets"]).toEqual([
      expect.objectContaining({ id, number, status: "unscheduled", currency: "USD" }),
    ]);
    expect((customer["tickets"] as object[])[0]).not.toHaveProperty("notes");
  });

  it("have the fields that are asked for by name, which also includes them", async () => {
    const { id } = await aTicket(test.db);
    for (const ask of [item, one]) {
      const ticket = await ask({ type: "tickets", id, fields: ["status", "customer.name", "customer.tags"] });
      expect(Object.keys(ticket).sort()).toEqual(["customer", "id", "status"]);
      expect(Object.keys(ticket["customer"] as object).sort()).toEqual(["id", "name", "tags"]);
    }
  });

  it.each([
    ["customer.nmae", /fields of customer are: .*name/],
    ["custmer.name", /includes of tickets are: .*customer/],
    ["customer.", /fields of customer are/],
    ["customer.name.first", /fields of customer are/],
  ])("are refused with the known names for the field %s", async (field, hint) => {
    const { id } = await aTicket(test.db);
    expect(await refusal({ type: "tickets", id, fields: [field] })).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "fields.0" }],
      hint: expect.stringMatching(hint),
    });
  });

  it("have a short form of their own fields for every record type that is included", () => {
    for (const { type, includes } of types.values()) {
      for (const [name, include] of Object.entries(includes)) {
        if ("part" in include) continue;
        const unknown = (include.brief ?? []).filter((field) => !fieldsOf(include.shape).includes(field));
        expect({ type, name, short: include.brief !== undefined, unknown }).toEqual({
          type,
          name,
          short: true,
          unknown: [],
        });
      }
    }
  });
});

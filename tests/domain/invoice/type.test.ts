import { QueryFailedError } from "typeorm";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import type { Invoice } from "../../../src/entities/invoice.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, anInvoice, aTicket, theSettings } from "../../support/factories.ts";

/** November 23 in London, still November 22 in Chicago. */
const NOW = new Date("2026-11-23T03:00:00Z");

let test: TestDatabase;
const { types } = makeRegistry(domains);
const query = async (input: object) => {
  const answer = await runQuery(test.db, { type: "invoices", ...input }, { types, now: NOW });
  return "items" in answer ? answer.items : [answer.item];
};
const found = async (input: object) => (await query(input)).map(({ notes }) => notes).sort();

beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  const { id: ticket_id, customer_id } = await aTicket(test.db, { status: "completed" });
  const visit = { ticket_id, customer_id };
  await anInvoice(test.db, { ...visit, notes: "draft", line_items: [{ total_cents: 45_000 }] });
  await anInvoice(test.db, { status: "open", notes: "late", number: "1234", due_date: "2026-11-21" });
  await anInvoice(test.db, { status: "open", notes: "today", due_date: "2026-11-22" });
  const paid = { status: "paid", paid_cents: 45_000, issue_date: "2026-10-01" } as const;
  await anInvoice(test.db, { ...paid, notes: "paid", customer_name: "Wilson", due_date: "2026-10-31" });
});
afterAll(() => test.drop());

describe("invoices", () => {
  it.each<[object, string[]]>([
    [{}, ["draft", "late", "paid", "today"]],
    [{ filters: { status: "draft" } }, ["draft"]],
    [{ filters: { status: ["open", "paid"] } }, ["late", "paid", "today"]],
    [{ filters: { overdue: true } }, ["late"]],
    [{ filters: { overdue: "false" } }, ["draft", "paid", "today"]],
    [{ filters: { due_from: "today" } }, ["today"]],
    [{ filters: { due_from: "2026-11-21", due_to: "yesterday" } }, ["late"]],
    [{ filters: { issued_to: "2026-10-01" } }, ["paid"]],
    [{ filters: { issued_from: "2026-10-02" } }, ["late", "today"]],
    [{ search: "#1234" }, ["late"]],
    [{ search: "wilson" }, ["paid"]],
  ])("are found by %j", async (input, expected) => {
    expect(await found(input)).toEqual(expected);
  });

  it("include customer, visit and lines, alone and together", async () => {
    const [draft] = await query({
      filters: { status: "draft" },
      include: ["customer", "ticket", "line_items"],
    });
    expect(draft).toMatchObject({
      customer: { id: draft?.["customer_id"] },
      ticket: { id: draft?.["ticket_id"], requires_invoicing: false },
      line_items: [{ invoice_id: draft?.["id"], ticket_id: null, total_cents: 45_000 }],
      overdue: false,
    });
    for (const [type, key] of [
      ["contacts", "customer_id"],
      ["tickets", "ticket_id"],
    ] as const) {
      const [owner] = await query({ type, id: draft?.[key], include: ["invoices"] });
      expect(owner).toMatchObject({ invoices: [{ id: draft?.["id"] }] });
      if (type === "tickets") expect(await found({ filters: { [key]: draft?.[key] } })).toEqual(["draft"]);
    }
    expect(draft).not.toHaveProperty("pay_token");
  });

  it("are paged by due date, with missing dates last", async () => {
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const input = { type: "invoices", sort: "due_date", limit: 1, ...(cursor && { cursor }) };
      const page = await runQuery(test.db, input, { types, now: NOW });
      if (!("items" in page)) throw new Error("one record where a page was asked for");
      seen.push(...page.items.map(({ due_date }) => due_date));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(["2026-10-31", "2026-11-21", "2026-11-22", null]);
  });

  it.each<[string, Partial<Invoice>]>([
    ["invoice_balance", { due_cents: 44_999 }],
    ["invoice_total", { subtotal_cents: 44_999 }],
    ["invoice_amounts", { status: "open", paid_cents: 45_001 }],
    ["invoice_finalized", { status: "open", number: null }],
    ["invoice_draft", { number: "77" }],
    ["invoice_number_key", { status: "open", number: "1234" }],
    ["invoice_dates", { status: "open", due_date: "2026-11-01" }],
  ])("cannot violate %s", async (constraint, values) => {
    const { id: customer_id } = await aContact(test.db);
    const refused = await anInvoice(test.db, { customer_id, ...values }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(QueryFailedError);
    expect(refused).toMatchObject({ driverError: { constraint } });
  });
});

import { type EntityManager, In } from "typeorm";
import { deleteContact } from "../../../src/domain/contact/delete.ts";
import { describeHistory } from "../../../src/domain/contact/history.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { Invoice } from "../../../src/entities/invoice.ts";
import { TICKET_STATUSES } from "../../../src/entities/ticket.ts";
import { LineItem } from "../../../src/entities/line-item.ts";
import { act, contextOf, refusal, connectionWaitsForLock } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import {
  aContact,
  aLead,
  aMessage,
  anAddress,
  anInvoice,
  aTicket,
  theSettings,
  withJob,
} from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

const judge = (db: EntityManager, id: string) => deleteContact.escalate?.(contextOf(db), { id });
const judged = (id: string) => withJob(test.db, (db) => judge(db, id) ?? Promise.resolve(undefined));
const ticketsOf = (customer_id: string) => test.db.getRepository("ticket").countBy({ customer_id });

describe("contact.delete", () => {
  it("needs no approval when the customer has no history", async () => {
    const { id } = await aContact(test.db);
    await anAddress(test.db, { contact_id: id });
    expect(await judged(id)).toBe(false);
    expect(await act(test.db, deleteContact, { id })).toEqual({ id });
    expect(await test.db.getRepository("contact").existsBy({ id })).toBe(false);
  });

  it("requires approval for fifteen tickets worth $4,500", async () => {
    const { id } = await aContact(test.db);
    await withJob(test.db, async (db) => {
      const line_items = [{ unit_price_cents: 20_000 }, { unit_price_cents: 10_000 }];
      for (let n = 0; n < 15; n++) await aTicket(db, { customer_id: id, address_id: null, line_items });
    });
    expect(await judged(id)).toEqual({
      reason: "Customer has 15 tickets worth $4,500",
      facts: {
        tickets: 15,
        invoices: 0,
        messages: 0,
        leads: 0,
        completed_tickets: 0,
        value_cents: 450_000,
        currency: "USD",
      },
      amountCents: 450_000,
    });
  });

  it("counts tickets in every state", async () => {
    const { id } = await aContact(test.db);
    for (const status of TICKET_STATUSES) await aTicket(test.db, { customer_id: id, status });
    expect(await judged(id)).toMatchObject({
      facts: { tickets: TICKET_STATUSES.length, completed_tickets: 1 },
    });
  });

  it("counts what was removed or made cheaper since: its facts are of everything that was ever theirs", async () => {
    const { id } = await aContact(test.db);
    const visit = await aTicket(test.db, { customer_id: id, line_items: [{ unit_price_cents: 30_000 }] });
    await aMessage(test.db, { customer_id: id });
    const lead = await aLead(test.db, { customer_id: id, status: "qualified" });
    await withJob(test.db, async (db) => {
      await db.query("UPDATE line_item SET unit_price_cents = 0, total_cents = 0 WHERE ticket_id = $1", [
        visit.id,
      ]);
      await db.query("DELETE FROM message WHERE customer_id = $1", [id]);
      await db.query("DELETE FROM lead WHERE id = $1", [lead.id]);
    });
    expect(await judged(id)).toMatchObject({
      reason: "Customer has 1 ticket (once $300), 1 message, and 1 lead",
      facts: { value_cents: 0, highest_value_cents: 30_000 },
      amountCents: 30_000,
    });
    await withJob(test.db, (db) => db.query("DELETE FROM ticket WHERE id = $1", [visit.id]));
    expect(await judged(id)).toMatchObject({ facts: { tickets: 1 }, amountCents: 30_000 });
  });

  it("counts a lead only once it was qualified", async () => {
    const { id } = await aContact(test.db);
    await aLead(test.db, { customer_id: id, status: "contacted" });
    expect(await judged(id)).toBe(false);
  });

  describe.each([
    ["qualified", {}],
    ["converted", { converted_at: new Date() }],
  ] as const)("counts a lead that was %s without them", (status, values) => {
    const others = async () => {
      const { id: customer_id } = await aContact(test.db);
      return aLead(test.db, { customer_id, status, ...values });
    };
    const write = (sql: string, parameters: string[]) => withJob(test.db, (db) => db.query(sql, parameters));

    it("and became theirs later", async () => {
      const { id } = await aContact(test.db);
      const lead = await others();
      await write("UPDATE lead SET status = 'archived', customer_id = NULL WHERE id = $1", [lead.id]);
      await write("UPDATE lead SET customer_id = $2 WHERE id = $1", [lead.id, id]);
      expect(await judged(id)).toMatchObject({ reason: "Customer has 1 lead" });
    });

    it("after it was theirs", async () => {
      const { id } = await aContact(test.db);
      const lead = await aLead(test.db, { customer_id: id });
      const other = await aContact(test.db);
      await write("UPDATE lead SET customer_id = $2 WHERE id = $1", [lead.id, other.id]);
      await write("UPDATE lead SET status = $2 WHERE id = $1", [lead.id, status]);
      expect(await judged(id)).toMatchObject({ reason: "Customer has 1 lead" });
    });

    it("and is gone", async () => {
      const { id } = await aContact(test.db);
      const lead = await others();
      await write("UPDATE lead SET status = 'lost', customer_id = $2 WHERE id = $1", [lead.id, id]);
      await write("DELETE FROM lead WHERE id = $1", [lead.id]);
      expect(await judged(id)).toMatchObject({ reason: "Customer has 1 lead" });
    });
  });

  it("has no amount where no visit ever had a price", async () => {
    const { customer_id } = await aTicket(test.db);
    expect(await judged(customer_id)).not.toHaveProperty("amountCents");
  });

  it("removes addresses and tickets with the customer", async () => {
    const { customer_id: id } = await aTicket(test.db, { line_items: [{}] });
    await act(test.db, deleteContact, { id });
    expect(await ticketsOf(id)).toBe(0);
    expect(await test.db.getRepository("address").countBy({ contact_id: id })).toBe(0);
  });

  it("requires approval for an invoice, even a draft", async () => {
    const { customer_id } = await anInvoice(test.db);
    expect(await judged(customer_id ?? "")).toMatchObject({
      reason: "Customer has 1 invoice",
      facts: { tickets: 0, invoices: 1 },
    });
  });

  it("keeps finalized invoices with their customer name and deletes drafts", async () => {
    const { id: ticket_id, customer_id } = await aTicket(test.db, { status: "completed" });
    const lines = { customer_id, ticket_id, line_items: [{}] };
    const draft = await anInvoice(test.db, lines);
    const open = await anInvoice(test.db, { ...lines, status: "open", customer_name: "Rosa Diaz" });
    await act(test.db, deleteContact, { id: customer_id });
    expect(await test.db.getRepository(Invoice).findBy({ id: In([draft.id, open.id]) })).toEqual([
      { ...open, customer_id: null, ticket_id: null },
    ]);
    expect(await test.db.getRepository(LineItem).countBy({ invoice_id: open.id })).toBe(1);
  });

  it("returns not_found when the customer does not exist", async () => {
    const id = newId("contact");
    expect(await refusal(judged(id))).toMatchObject({ code: "not_found" });
    expect(await refusal(act(test.db, deleteContact, { id }))).toMatchObject({ code: "not_found" });
  });
});

describe("contact.delete between evaluation and deletion", () => {
  it("blocks a new ticket, which then fails because the customer no longer exists", async () => {
    const { id } = await aContact(test.db);
    let late: Promise<unknown> = Promise.resolve();
    await withJob(test.db, async (db) => {
      expect(await judge(db, id)).toBe(false);
      late = aTicket(test.db, { customer_id: id, address_id: null }).catch((error: Error) => error.message);
      await connectionWaitsForLock(test.db);
      await contextOf(db).call(deleteContact, { id });
    });
    expect(await late).toMatch(/ticket_customer_id_fk/);
    expect(await ticketsOf(id)).toBe(0);
  });

  it("waits for a ticket that is being created and counts it", async () => {
    const { id } = await aContact(test.db);
    let verdict: Promise<unknown> = Promise.resolve();
    await withJob(test.db, async (db) => {
      await aTicket(db, { customer_id: id, address_id: null });
      verdict = judged(id);
      await connectionWaitsForLock(test.db);
    });
    expect(await verdict).toMatchObject({ reason: "Customer has 1 ticket" });
  });
});

describe("describeHistory", () => {
  const history = {
    tickets: 15,
    invoices: 0,
    messages: 0,
    leads: 0,
    completed_tickets: 15,
    value_cents: 450_000,
    currency: "USD",
  };

  it.each([
    [{}, "Customer has 15 tickets worth $4,500"],
    [{ tickets: 1, value_cents: 45_050 }, "Customer has 1 ticket worth $450.50"],
    [{ tickets: 1_500, value_cents: 0 }, "Customer has 1,500 tickets"],
    [{ invoices: 2, messages: 3 }, "Customer has 15 tickets worth $4,500, 2 invoices, and 3 messages"],
    [{ tickets: 0, value_cents: 0, invoices: 1 }, "Customer has 1 invoice"],
    [{ tickets: 1, value_cents: 0, messages: 3 }, "Customer has 1 ticket and 3 messages"],
    [{ tickets: 0, value_cents: 0, messages: 1 }, "Customer has 1 message"],
    [{ tickets: 0, value_cents: 0, leads: 1 }, "Customer has 1 lead"],
    [{ highest_value_cents: 4_500_000 }, "Customer has 15 tickets worth $4,500 (once $45,000)"],
    [{ value_cents: 0, highest_value_cents: 450_000 }, "Customer has 15 tickets (once $4,500)"],
  ])("describes %j as a sentence", (changed, sentence) => {
    expect(describeHistory({ ...history, ...changed })).toBe(sentence);
  });
});

import { newId } from "../../../src/domain/core/ids.ts";
import { addLineItem } from "../../../src/domain/ticket/add-line-item.ts";
import { createTicket } from "../../../src/domain/ticket/create.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, anAddress, aTechnician, aTicket, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  await aTechnician(test.db);
});
afterAll(() => test.drop());

const allTickets = () => test.db.getRepository("ticket").count();

describe("ticket.create", () => {
  it("requires only a customer and leaves the visit unscheduled", async () => {
    const { id: customer_id } = await aContact(test.db);
    expect(await act(test.db, createTicket, { customer_id })).toMatchObject({
      id: expect.stringMatching(/^ticket_/),
      customer_id,
      status: "unscheduled",
      duration_minutes: 60,
      window_start: null,
      line_items: [],
    });
  });

  it("calculates the totals of its lines", async () => {
    const { id: customer_id } = await aContact(test.db);
    const line_items = [
      {
        description: "Window cleaning",
        quantity: 2.5,
        unit_price_cents: 1_001,
        discount_cents: 3,
        tax_bp: 550,
      },
      { description: "Screen cleaning", unit_price_cents: 500 },
    ];
    const ticket = await act(test.db, createTicket, { customer_id, line_items });
    expect(ticket["line_items"]).toMatchObject([
      { description: "Window cleaning", quantity: 2.5, total_cents: 2_638 },
      { description: "Screen cleaning", quantity: 1, discount_cents: 0, tax_bp: 0, total_cents: 500 },
    ]);
  });

  it("books the visit when a time is given", async () => {
    const { id: customer_id } = await aContact(test.db);
    const address = await anAddress(test.db, { contact_id: customer_id });
    const data = {
      customer_id,
      address_id: address.id,
      duration_minutes: 90,
      window_start: "2026-11-24T10:00",
    };
    const ticket = await act(test.db, createTicket, data);
    expect(ticket).toMatchObject({
      status: "scheduled",
      address_id: address.id,
      duration_minutes: 90,
      line_items: [],
    });
    expect(new Date(String(ticket["window_start"]))).toEqual(new Date("2026-11-24T16:00:00Z"));
  });

  it("stores nothing when the booking is refused", async () => {
    const { id: customer_id } = await aContact(test.db);
    const before = await allTickets();
    const error = await refusal(
      act(test.db, createTicket, { customer_id, window_start: "2020-01-01T10:00" }),
    );
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: "data.window_start" }] });
    expect(await allTickets()).toBe(before);
  });

  it("accepts only the customer's own addresses", async () => {
    const { id: customer_id } = await aContact(test.db);
    const { id: address_id } = await anAddress(test.db);
    const error = await refusal(act(test.db, createTicket, { customer_id, address_id }));
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: "data.address_id" }] });
  });

  it.each(["customer_id", "address_id", "technician_id"] as const)(
    "returns not_found with the id for an unknown %s",
    async (field) => {
      const { id: customer_id } = await aContact(test.db);
      const id = newId(
        field === "customer_id" ? "contact" : field === "address_id" ? "address" : "technician",
      );
      const error = await refusal(act(test.db, createTicket, { customer_id, [field]: id }));
      expect(error).toMatchObject({ code: "not_found", message: expect.stringContaining(id) });
    },
  );

  it.each([
    [{ quantity: 0 }, "quantity"],
    [{ quantity: 1.0005 }, "quantity"],
    [{ quantity: 10_001 }, "quantity"],
    [{ unit_price_cents: 10.5 }, "unit_price_cents"],
    [{ unit_price_cents: -1 }, "unit_price_cents"],
    [{ unit_price_cents: 2 ** 53 }, "unit_price_cents"],
    [{ discount_cents: 501 }, "discount_cents"],
    [{ tax_bp: 10_001 }, "tax_bp"],
  ])("rejects a line with %j", async (fault, field) => {
    const line = { description: "Screen cleaning", unit_price_cents: 500, ...fault };
    const data = { customer_id: newId("contact"), line_items: [line] };
    const { fields } = await refusal(act(test.db, createTicket, data));
    expect(fields.map(({ path }) => path)).toContain(`data.line_items.0.${field}`);
  });
});

describe("ticket.add_line_item", () => {
  const line = { description: "Screen cleaning", unit_price_cents: 500 };

  it("adds a line to a visit, even a completed one, and returns the visit", async () => {
    const { id } = await aTicket(test.db, { status: "completed", line_items: [{}] });
    const ticket = await act(test.db, addLineItem, { id, ...line, quantity: 12 });
    expect(ticket).toMatchObject({ id, line_items: [{}, { quantity: 12, total_cents: 6_000 }] });
  });

  it("uses the business's tax rate when none is given", async () => {
    await theSettings(test.db, { tax_bp: 550 });
    const { id } = await aTicket(test.db);
    const ticket = await act(test.db, addLineItem, { id, ...line });
    await theSettings(test.db, { tax_bp: 0 });
    expect(ticket["line_items"]).toMatchObject([{ tax_bp: 550, total_cents: 528 }]);
  });

  it.each(["cancelled", "no_show"] as const)("refuses a visit that is %s", async (status) => {
    const { id } = await aTicket(test.db, { status });
    const error = await refusal(act(test.db, addLineItem, { id, ...line }));
    expect(error).toMatchObject({ code: "invalid_state", state: status });
  });

  it("rejects a discount above the line and names the maximum", async () => {
    const error = await refusal(
      act(test.db, addLineItem, { id: newId("ticket"), ...line, discount_cents: 501 }),
    );
    expect(error.fields).toEqual([{ path: "data.discount_cents", message: expect.stringContaining("500") }]);
  });
});

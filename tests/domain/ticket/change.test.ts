import { newId } from "../../../src/domain/core/ids.ts";
import { assignTicket } from "../../../src/domain/ticket/assign.ts";
import { removeLineItem } from "../../../src/domain/ticket/remove-line-item.ts";
import { reopenTicket } from "../../../src/domain/ticket/reopen.ts";
import { updateLineItem } from "../../../src/domain/ticket/update-line-item.ts";
import { updateTicket } from "../../../src/domain/ticket/update.ts";
import { Ticket, type TicketStatus } from "../../../src/entities/ticket.ts";
import { LineItem } from "../../../src/entities/line-item.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import {
  anAddress,
  anInvoice,
  aLineItem,
  aTechnician,
  aTicket,
  theSettings,
} from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db, { travel_buffer_minutes: 15 });
});
afterAll(() => test.drop());

const OVER: TicketStatus[] = ["completed", "cancelled", "no_show"];
const stored = (id: string) => test.db.getRepository(Ticket).findOneByOrFail({ id });
const aTime = (hour: number) => new Date(Date.UTC(2026, 10, 23, hour));

describe("ticket.update", () => {
  it("changes the given fields, clears null ones and leaves the rest", async () => {
    const { id, customer_id } = await aTicket(test.db, { notes: "Ring twice." });
    const { id: address_id } = await anAddress(test.db, { contact_id: customer_id });
    expect(await act(test.db, updateTicket, { id, address_id, duration_minutes: 90 })).toMatchObject({
      ...{ id, address_id, duration_minutes: 90, notes: "Ring twice.", status: "unscheduled", version: 2 },
    });
    expect(await act(test.db, updateTicket, { id, notes: null })).toMatchObject({ notes: null, address_id });
  });

  it("moves the end of a booked visit and the technician's reserved time with the duration", async () => {
    const { id } = await aTicket(test.db, { status: "scheduled", window_start: aTime(15) });
    await act(test.db, updateTicket, { id, duration_minutes: 120 });
    expect(await stored(id)).toMatchObject({
      ...{ window_start: aTime(15), window_end: aTime(17), duration_minutes: 120 },
      during: '["2026-11-23 15:00:00+00","2026-11-23 17:15:00+00")',
    });
  });

  it("rejects a duration that overlaps the technician's next visit and lists free times", async () => {
    const { id: technician_id } = await aTechnician(test.db);
    const { id } = await aTicket(test.db, { status: "scheduled", technician_id, window_start: aTime(15) });
    await aTicket(test.db, { status: "scheduled", technician_id, window_start: aTime(17) });
    expect(await refusal(act(test.db, updateTicket, { id, duration_minutes: 120 }))).toMatchObject({
      code: "conflict",
      alternatives: [{ technician_id }, {}, {}],
    });
    expect(await act(test.db, updateTicket, { id, duration_minutes: 105 })).toMatchObject({ version: 2 });
  });

  it("accepts only the customer's own addresses", async () => {
    const { id } = await aTicket(test.db);
    const { id: address_id } = await anAddress(test.db);
    const error = await refusal(act(test.db, updateTicket, { id, address_id }));
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: "data.address_id" }] });
  });

  it("rejects an outdated version and an empty change", async () => {
    const { id } = await aTicket(test.db);
    await act(test.db, updateTicket, { id, version: 1, notes: "One" });
    const stale = await refusal(act(test.db, updateTicket, { id, version: 1, notes: "Two" }));
    expect(stale).toMatchObject({ code: "conflict", version: 2 });
    expect((await refusal(act(test.db, updateTicket, { id }))).message).toContain("at least one field");
  });

  it.each(OVER)("changes the notes but not the duration of a visit that is %s", async (status) => {
    const { id } = await aTicket(test.db, { status });
    expect(await act(test.db, updateTicket, { id, notes: "Left the key." })).toMatchObject({ status });
    const error = await refusal(act(test.db, updateTicket, { id, duration_minutes: 30 }));
    expect(error).toMatchObject({ code: "invalid_state", state: status });
  });
});

describe("ticket.assign", () => {
  it("assigns another technician to a visit with or without a time", async () => {
    const { id: technician_id } = await aTechnician(test.db);
    for (const status of ["unscheduled", "scheduled"] as const) {
      const { id, window_start } = await aTicket(test.db, { status });
      expect(await act(test.db, assignTicket, { id, technician_id })).toMatchObject({
        technician_id,
        status,
      });
      expect(await stored(id)).toMatchObject({ window_start });
    }
  });

  it("rejects a technician who is busy, inactive or unknown", async () => {
    const { technician_id } = await aTicket(test.db, { status: "scheduled" });
    const { id } = await aTicket(test.db, { status: "scheduled" });
    const assign = (to: string) => refusal(act(test.db, assignTicket, { id, technician_id: to }));
    expect(await assign(technician_id ?? "")).toMatchObject({ code: "conflict", alternatives: [{}, {}, {}] });
    const gone = await aTechnician(test.db, { active: false });
    expect(await assign(gone.id)).toMatchObject({ code: "validation_failed" });
    expect(await assign(newId("technician"))).toMatchObject({ code: "not_found" });
  });

  it.each(OVER)("refuses a visit that is %s", async (status) => {
    const { id } = await aTicket(test.db, { status });
    const { id: technician_id } = await aTechnician(test.db);
    const error = await refusal(act(test.db, assignTicket, { id, technician_id }));
    expect(error).toMatchObject({ code: "invalid_state", state: status });
  });
});

describe("ticket.update_line_item and remove_line_item", () => {
  const line = { quantity: 2, unit_price_cents: 1_000, discount_cents: 100, tax_bp: 550 };
  const aLine = (values: Partial<LineItem> = {}) => aLineItem(test.db, { ...line, ...values });

  it("recalculates the line from the given and the existing values", async () => {
    const { id: line_item_id, ticket_id } = await aLine();
    const ticket = await act(test.db, updateLineItem, { line_item_id, quantity: 3 });
    expect(ticket).toMatchObject({
      id: ticket_id,
      total_cents: 3_060,
      line_items: [{ ...line, id: line_item_id, quantity: 3, total_cents: 3_060, version: 2 }],
    });
  });

  it("rejects a discount above the line, an outdated version and an empty change", async () => {
    const { id: line_item_id } = await aLine();
    const update = (data: object) => refusal(act(test.db, updateLineItem, { line_item_id, ...data }));
    expect(await update({ quantity: 0.05 })).toMatchObject({
      fields: [{ path: "data.discount_cents", message: expect.stringContaining("the maximum here is 50") }],
    });
    expect(await update({ quantity: 3, version: 2 })).toMatchObject({ code: "conflict", version: 1 });
    expect(await update({ version: 1 })).toMatchObject({ code: "validation_failed" });
  });

  it("removes a line and updates the visit's total", async () => {
    const { id: line_item_id, ticket_id } = await aLine();
    await aLine({ ticket_id, total_cents: 500 });
    const ticket = await act(test.db, removeLineItem, { line_item_id });
    expect(ticket).toMatchObject({ total_cents: 500, line_items: [{ total_cents: 500 }] });
    expect(await refusal(act(test.db, removeLineItem, { line_item_id }))).toMatchObject({
      code: "not_found",
    });
  });

  it("rejects lines of an invoice and of a cancelled visit", async () => {
    const { id: invoice_id } = await anInvoice(test.db);
    const { id: billed } = await aLine({ invoice_id });
    const { id: ticket_id } = await aTicket(test.db, { status: "cancelled" });
    const { id: off } = await aLine({ ticket_id });
    for (const [line_item_id, code] of [
      [billed, "not_found"],
      [off, "invalid_state"],
    ] as const) {
      expect(await refusal(act(test.db, updateLineItem, { line_item_id, quantity: 3 }))).toMatchObject({
        code,
      });
      expect(await refusal(act(test.db, removeLineItem, { line_item_id }))).toMatchObject({ code });
    }
  });
});

describe("ticket.reopen", () => {
  const begun = { actual_start: aTime(15), actual_end: aTime(16) };

  it("books the previous time again and clears the actual start and end", async () => {
    const { id, window_start } = await aTicket(test.db, { status: "completed", ...begun });
    await act(test.db, reopenTicket, { id });
    expect(await stored(id)).toMatchObject({
      ...{ status: "scheduled", window_start, actual_start: null, actual_end: null },
    });
  });

  it("books a new time, which is required for a visit without an appointment", async () => {
    const { id } = await aTicket(test.db, { ...begun });
    const { id: technician_id } = await aTechnician(test.db);
    const never = await aTicket(test.db, { status: "completed", window_start: null, technician_id: null });
    expect(await refusal(act(test.db, reopenTicket, { id: never.id }))).toMatchObject({
      fields: [{ path: "data.window_start", message: expect.stringContaining("is required") }],
    });
    const data = { id: never.id, window_start: "2026-11-24T10:00", technician_id };
    expect(await act(test.db, reopenTicket, data)).toMatchObject({ status: "scheduled", technician_id });
    expect(await refusal(act(test.db, reopenTicket, { id }))).toMatchObject({ code: "invalid_state" });
  });

  it("rejects a time that another visit has taken since", async () => {
    const { id, technician_id } = await aTicket(test.db, { status: "completed" });
    await aTicket(test.db, { status: "scheduled", technician_id });
    expect(await refusal(act(test.db, reopenTicket, { id }))).toMatchObject({ code: "conflict" });
  });

  it("is refused once the visit is billed; a draft or void invoice does not count", async () => {
    const { id, customer_id } = await aTicket(test.db, { status: "completed" });
    await anInvoice(test.db, { ticket_id: id, customer_id });
    await anInvoice(test.db, { ticket_id: id, customer_id, status: "void" });
    const billed = await aTicket(test.db, { status: "completed" });
    const invoice = await anInvoice(test.db, { ticket_id: billed.id, status: "paid", paid_cents: 45_000 });
    expect(await act(test.db, reopenTicket, { id })).toMatchObject({ status: "scheduled" });
    expect(await refusal(act(test.db, reopenTicket, { id: billed.id }))).toMatchObject({
      code: "invalid_state",
      invoice_id: invoice.id,
      message: `Ticket #${billed.number} is already on invoice #${invoice.number}.`,
    });
  });
});

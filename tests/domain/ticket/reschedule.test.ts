import { rows } from "../../../src/database/sql.ts";
import { rescheduleTicket } from "../../../src/domain/ticket/reschedule.ts";
import { Ticket, TICKET_STATUSES } from "../../../src/entities/ticket.ts";
import { updateLineItem } from "../../../src/domain/ticket/update-line-item.ts";
import { readHistory } from "../../../src/domain/contact/history.ts";
import { readVisitHistories } from "../../../src/domain/contact/visit-history.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { anAttribute, anAttributeValue } from "../../support/definitions.ts";
import { aTechnician, aTicket, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

const move = (id: string, window_start = "2026-11-24T10:00", more: object = {}) =>
  act(test.db, rescheduleTicket, { id, window_start, ...more });
const stored = (id: string) => test.db.getRepository(Ticket).findOneByOrFail({ id });

describe("ticket.reschedule", () => {
  it("cancels the visit and books a new one with the same work, linked both ways", async () => {
    const line = { description: "Gutters", quantity: 2, unit_price_cents: 4_500, discount_cents: 100 };
    const ticket = await aTicket(test.db, { status: "scheduled", notes: "Ring twice.", line_items: [line] });
    const attribute = await anAttribute(test.db, { entity: "ticket", key: "floors", type: "number" });
    await anAttributeValue(test.db, { ticket_id: ticket.id, attribute_id: attribute.id, value: 3 });
    const moved = await move(ticket.id, undefined, { reason: "Rain" });
    expect(moved).toMatchObject({
      ...{
        status: "scheduled",
        rescheduled_from_id: ticket.id,
        notes: "Ring twice.",
        attributes: { floors: 3 },
      },
      ...{
        customer_id: ticket.customer_id,
        address_id: ticket.address_id,
        technician_id: ticket.technician_id,
      },
      line_items: [{ ...line, total_cents: 8_900 }],
    });
    expect(await stored(ticket.id)).toMatchObject({ status: "cancelled", cancel_reason: "Rain" });
  });

  it("keeps its technician, although another one was at the customer last", async () => {
    const late = {
      window_start: new Date("2026-11-19T16:00:00Z"),
      window_end: new Date("2026-11-19T17:00:00Z"),
    };
    const { id, customer_id, technician_id } = await aTicket(test.db, { status: "scheduled", ...late });
    const since = {
      window_start: new Date("2026-11-20T16:00:00Z"),
      window_end: new Date("2026-11-20T17:00:00Z"),
    };
    await aTicket(test.db, { customer_id, status: "completed", ...since });
    expect(await move(id, "2026-12-01T10:00")).toMatchObject({ technician_id });
  });

  it("goes to another technician where the visit's own has no time", async () => {
    const { id, technician_id } = await aTicket(test.db, { status: "scheduled" });
    const booked = { technician_id, status: "scheduled" } as const;
    await aTicket(test.db, {
      ...booked,
      window_start: new Date("2026-11-30T16:00:00Z"),
      window_end: new Date("2026-11-30T17:00:00Z"),
    });
    const moved = await move(id, "2026-11-30T10:30");
    expect(moved).toMatchObject({
      status: "scheduled",
      technician_id: expect.not.stringMatching(String(technician_id)),
    });
  });

  it("may overlap the time that the visit had", async () => {
    const ticket = await aTicket(test.db, { status: "scheduled" });
    expect(await move(ticket.id, "2026-11-23T15:45")).toMatchObject({ status: "scheduled" });
  });

  it("schedules a visit that has no time, without a new one", async () => {
    const ticket = await aTicket(test.db, { technician_id: (await aTechnician(test.db)).id });
    expect(await move(ticket.id)).toMatchObject({ id: ticket.id, status: "scheduled" });
  });

  it("names the visit that took the place of one that has moved, also after several moves", async () => {
    const first = await aTicket(test.db, { status: "scheduled" });
    const second = await move(first.id, "2026-11-24T11:00");
    const third = await move(String(second["id"]), "2026-11-24T13:00");
    expect(await refusal(move(first.id))).toMatchObject({
      code: "conflict",
      rescheduled_to_id: third["id"],
      hint: `Use ${String(third["id"])} instead.`,
    });
  });

  it("counts once in the customer's history, with the highest amount that it was ever worth", async () => {
    const ticket = await aTicket(test.db, {
      status: "scheduled",
      line_items: [{ unit_price_cents: 450_000 }],
    });
    const { customer_id } = ticket;
    const moved = await move((await move(ticket.id, "2026-11-24T12:00"))["id"] as string, "2026-11-25T10:00");
    const { manager } = test.db;
    expect(await readHistory(manager, customer_id)).toMatchObject({ tickets: 1, value_cents: 450_000 });
    const histories = await readVisitHistories(manager, [customer_id], MONDAY_9);
    expect(histories.get(customer_id)).toMatchObject({ tickets: 1 });
    const [line] = moved["line_items"] as { id: string }[];
    await act(test.db, updateLineItem, { line_item_id: line?.id ?? "", unit_price_cents: 100 });
    expect(await readHistory(manager, customer_id)).toMatchObject({
      ...{ tickets: 1, value_cents: 100, highest_value_cents: 450_000 },
    });
  });

  it.each(TICKET_STATUSES.filter((status) => status !== "unscheduled" && status !== "scheduled"))(
    "refuses a visit that is %s",
    async (status) => {
      const ticket = await aTicket(test.db, { status });
      expect(await refusal(move(ticket.id))).toMatchObject({ code: "invalid_state", state: status });
    },
  );

  it("changes nothing where the new time is taken", async () => {
    const ticket = await aTicket(test.db, { status: "scheduled" });
    await aTicket(test.db, {
      ...{ technician_id: ticket.technician_id, status: "scheduled" },
      ...{ window_start: new Date("2026-11-24T16:00:00Z"), window_end: new Date("2026-11-24T17:00:00Z") },
    });
    expect(await refusal(move(ticket.id, undefined, { technician_id: ticket.technician_id }))).toMatchObject({
      code: "conflict",
      alternatives: [{}, {}, {}],
    });
    expect(await stored(ticket.id)).toMatchObject({ status: "scheduled" });
    expect(
      await rows(test.db.manager, "SELECT FROM ticket WHERE rescheduled_from_id = $1", [ticket.id]),
    ).toEqual([]);
  });
});

import { Ticket } from "../../src/entities/ticket.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aLineItem, aTechnician, aTicket, theSettings, withJob } from "../support/factories.ts";

describe("the database rejects", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const at = (hour: number) => new Date(Date.UTC(2026, 10, 24, hour));
  const booked = (technician_id: string, from: number, more: Partial<Ticket> = {}) =>
    aTicket(test.db, {
      status: "scheduled",
      technician_id,
      window_start: at(from),
      window_end: at(from + 2),
      ...more,
    });

  it("overlapping visits of one technician, unless one is cancelled", async () => {
    const { id: dana } = await aTechnician(test.db);
    const first = await booked(dana, 9);
    await expect(booked(dana, 10)).rejects.toMatchObject({ constraint: "ticket_no_double_booking" });
    await expect(booked(dana, 10, { status: "in_progress" })).rejects.toMatchObject({
      constraint: "ticket_no_double_booking",
    });
    await expect(booked(dana, 11)).resolves.toBeDefined();
    await expect(booked((await aTechnician(test.db)).id, 10)).resolves.toBeDefined();
    await withJob(test.db, (db) => db.update(Ticket, first.id, { status: "cancelled" }));
    await expect(booked(dana, 9)).resolves.toBeDefined();
  });

  it("a scheduled visit without a technician or a time", async () => {
    const { id } = await aTicket(test.db);
    const schedule = (values: Partial<Ticket>) =>
      withJob(test.db, (db) => db.update(Ticket, id, { status: "scheduled", ...values } as object));
    const refused = { constraint: "ticket_scheduled_has_technician" };
    await expect(schedule({})).rejects.toMatchObject(refused);
    await expect(schedule({ technician_id: (await aTechnician(test.db)).id })).rejects.toMatchObject(refused);
    await expect(schedule({ during: "[2026-11-24,2026-11-25)" })).rejects.toMatchObject(refused);
  });

  it("a line item with a negative price or no quantity", async () => {
    const negative = { constraint: "line_item_amounts" };
    await expect(aLineItem(test.db, { unit_price_cents: -1 })).rejects.toMatchObject(negative);
    await expect(aLineItem(test.db, { quantity: 0 })).rejects.toMatchObject(negative);
  });
});

import { createTicket } from "../../../src/domain/ticket/create.ts";
import { act, asQueued, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, anAddress, aTechnician, aTicket, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
});

const at = (time: string) => new Date(`2026-11-24T${time}:00-06:00`);

/** A visit on Tuesday, November 24. */
async function visit(technician_id: string, [from, to]: [string, string], postal_code = "53703") {
  const { id: customer_id } = await aContact(test.db);
  const { id: address_id } = await anAddress(test.db, { contact_id: customer_id, postal_code });
  const window = { window_start: at(from), window_end: at(to) };
  return aTicket(test.db, { ...window, customer_id, address_id, technician_id, status: "scheduled" });
}

/** Books Tuesday at 13:00 and returns who goes. */
async function booked(postal_code: string, customer?: string) {
  const customer_id = customer ?? (await aContact(test.db)).id;
  const { id: address_id } = await anAddress(test.db, { contact_id: customer_id, postal_code });
  const ticket = await act(test.db, createTicket, {
    customer_id,
    address_id,
    window_start: "2026-11-24T13:00",
  });
  return ticket["technician_id"];
}

describe("who goes where nobody is named", () => {
  it("is the first by name among equals, then the next, until nobody is left", async () => {
    const [bo, ana] = [
      await aTechnician(test.db, { name: "Bo" }),
      await aTechnician(test.db, { name: "Ana" }),
    ];
    expect([await booked("53703"), await booked("53703")]).toEqual([ana.id, bo.id]);
    const error = await refusal(booked("53703"));
    expect(error).toMatchObject({ code: "conflict", alternatives: [{}, {}, {}] });
    expect(error.message).toContain("Ana is busy");
    expect(error.message).toContain("Bo is busy");
  });

  it("is the one with fewer visits that day", async () => {
    const [ana, bo] = [
      await aTechnician(test.db, { name: "Ana" }),
      await aTechnician(test.db, { name: "Bo" }),
    ];
    await visit(ana.id, ["08:00", "09:00"]);
    expect(await booked("60601")).toBe(bo.id);
  });

  it("is the one with less way, even with more visits", async () => {
    const [ana, bo] = [
      await aTechnician(test.db, { name: "Ana" }),
      await aTechnician(test.db, { name: "Bo" }),
    ];
    await visit(ana.id, ["10:00", "11:00"], "60601");
    await visit(bo.id, ["08:00", "09:00"], "60601");
    await visit(bo.id, ["14:00", "15:00"], "53711");
    expect(await booked("53703")).toBe(bo.id);
  });

  it("is the one who was at this customer last, even with a longer way", async () => {
    const [ana, bo] = [
      await aTechnician(test.db, { name: "Ana" }),
      await aTechnician(test.db, { name: "Bo" }),
    ];
    const { id: customer_id } = await aContact(test.db);
    const done = { customer_id, status: "completed", window_end: MONDAY_9 } as const;
    await aTicket(test.db, {
      ...done,
      technician_id: ana.id,
      window_start: new Date("2026-10-01T15:00:00Z"),
    });
    await aTicket(test.db, { ...done, technician_id: bo.id, window_start: new Date("2026-11-01T15:00:00Z") });
    await visit(ana.id, ["10:00", "11:00"], "53703");
    expect(await booked("53703", customer_id)).toBe(bo.id);
  });
});

describe("20 bookings of one time at once", () => {
  const book = async () => {
    const { id: customer_id } = await aContact(test.db);
    return act(test.db, createTicket, { customer_id, window_start: "2026-11-24T13:00" });
  };
  const overlaps = () =>
    test.db.query(`SELECT one.id FROM ticket one JOIN ticket other ON one.technician_id = other.technician_id
      AND one.during && other.during AND one.id < other.id`);

  it("are won by as many as fit, without a deadlock", async () => {
    for (const name of ["Ana", "Bo", "Cy"]) await aTechnician(test.db, { name });
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => asQueued(book)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    for (const end of ends)
      if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "conflict" });
    expect(await overlaps()).toEqual([]);
  });
});

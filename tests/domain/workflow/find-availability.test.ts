import { findAvailability } from "../../../src/domain/workflow/find-availability.ts";
import { availabilityInput } from "../../../src/domain/workflow/availability-input.ts";
import { createTicket } from "../../../src/domain/ticket/create.ts";
import { readSnapshot } from "../../../src/database/read.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { aHoliday, aService } from "../../support/definitions.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, anAddress, aTechnician, aTicket, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
let theo: string;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  theo = (await aTechnician(test.db, { name: "Theo" })).id;
});

/** The clock stands at Monday, November 23, 9:00. */
const find = (input: object) =>
  readSnapshot(test.db, { timeoutMs: 10_000 }, (snapshot) =>
    findAvailability(snapshot, availabilityInput.parse(input), MONDAY_9),
  );
const starts = async (input: object) =>
  (await find(input)).slots.map(({ local }) => local.replace(/^.* at /, ""));
const at = (time: string) => new Date(`2026-11-24T${time}:00-06:00`);
const booked = (from: string, to: string, more: object = {}) =>
  aTicket(test.db, {
    ...{ technician_id: theo, status: "scheduled" },
    window_start: at(from),
    window_end: at(to),
    ...more,
  });

describe("find_availability", () => {
  it("lists starts that can be booked, the best first", async () => {
    await booked("10:00", "12:00");
    const found = await find({ date: "tomorrow", limit: 20 });
    expect(found).toMatchObject({
      date: "2026-11-24",
      weekday: "Tuesday",
      zone: "America/Chicago",
      minutes: 60,
    });
    expect(found.slots[0]).toMatchObject({ technician: { id: theo }, why: expect.any(String) });
    for (const { window_start, technician } of found.slots.slice(0, 1)) {
      const { id: customer_id } = await aContact(test.db);
      const visit = { customer_id, technician_id: technician.id, window_start: window_start.toISOString() };
      expect(await act(test.db, createTicket, visit)).toMatchObject({ status: "scheduled" });
    }
  });

  it("puts starts beside other visits and the edge of the day before those that leave gaps", async () => {
    await booked("10:00", "12:00");
    expect(await starts({ date: "tomorrow", limit: 4 })).toEqual([
      "8:00 AM",
      "9:00 AM",
      "12:00 PM",
      "4:00 PM",
    ]);
  });

  it("puts starts closest to an exact time first, and keeps to a range", async () => {
    await booked("13:00", "14:00");
    expect(await starts({ date: "tomorrow", time: "1pm", limit: 3 })).toEqual([
      "12:00 PM",
      "2:00 PM",
      "11:30 AM",
    ]);
    expect((await starts({ date: "tomorrow", time: "after 3", limit: 20 })).sort()).toEqual([
      "3:00 PM",
      "3:30 PM",
      "4:00 PM",
    ]);
  });

  it("knows duration and skill of services, and who lacks it", async () => {
    await aService(test.db, { name: "Gutters", duration_minutes: 240, required_skill: "ladder" });
    expect(await find({ date: "tomorrow", services: ["gutters"] })).toMatchObject({
      ...{ minutes: 240, slots: [], reasons: ["Theo lacks ladder (for Gutters)."] },
    });
    const ana = await aTechnician(test.db, { name: "Ana", skills: ["Ladder"] });
    const { slots } = await find({ date: "tomorrow", services: ["gutters"], limit: 20 });
    expect(new Set(slots.map(({ technician }) => technician.id))).toEqual(new Set([ana.id]));
  });

  it("prefers the technician with the least way", async () => {
    const ana = await aTechnician(test.db, { name: "Ana" });
    const customer = await aContact(test.db, { name: "Wanda" });
    const { id: address_id } = await anAddress(test.db, { contact_id: customer.id, postal_code: "60601" });
    await booked("10:00", "11:00");
    await booked("10:00", "11:00", { technician_id: ana.id, customer_id: customer.id, address_id });
    const [theirs] = (await find({ date: "tomorrow", time: "11am", postal_code: "60601" })).slots;
    expect(theirs).toMatchObject({
      technician: { id: ana.id },
      why: expect.stringContaining("same postal code"),
    });
    const [named] = (await find({ date: "tomorrow", time: "11am", customer_identifier: "Wanda" })).slots;
    expect(named?.technician.id).toBe(ana.id);
  });

  it("says why nothing is free, and what is nearest", async () => {
    await aHoliday(test.db, { date: "2026-11-24", name: "Founders' Day" });
    const found = await find({ date: "tomorrow", time: "morning" });
    expect(found).toMatchObject({
      slots: [],
      reasons: ["The business is closed on Tuesday, November 24, 2026 (Founders' Day)."],
    });
    expect(found.nearest?.map(({ local }) => local)).toEqual([
      "Wednesday, November 25, 2026 at 8:00 AM",
      "Wednesday, November 25, 2026 at 8:30 AM",
      "Wednesday, November 25, 2026 at 9:00 AM",
    ]);
  });

  it("offers nothing that is over or sooner than the shortest notice", async () => {
    expect(await starts({ date: "today", time: "morning", limit: 20 })).not.toContain("8:30 AM");
    await theSettings(test.db, { min_notice_minutes: 6 * 60 });
    expect((await starts({ date: "today", limit: 20 })).sort()).toEqual(["3:00 PM", "3:30 PM", "4:00 PM"]);
  });

  it("looks through a span of days", async () => {
    const { slots, to } = await find({ date: "next week", limit: 20 });
    expect(to).toBe("2026-12-06");
    expect(slots.length).toBe(20);
  });

  it.each([
    ["date", { date: "whenever" }],
    ["date", { date: "2026-12-01 to 2027-02-01" }],
    ["time", { date: "tomorrow", time: "blue" }],
  ])("refuses a %s that it cannot use: %j", async (path, input) => {
    expect(await refusal(find(input))).toMatchObject({ code: "validation_failed", fields: [{ path }] });
  });
});

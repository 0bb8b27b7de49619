import { createHoliday } from "../../../src/domain/holiday/create.ts";
import { updateTechnician } from "../../../src/domain/technician/update.ts";
import { bookTimeOff } from "../../../src/domain/technician/time-off.ts";
import { assignTicket } from "../../../src/domain/ticket/assign.ts";
import { createTicket } from "../../../src/domain/ticket/create.ts";
import { reopenTicket } from "../../../src/domain/ticket/reopen.ts";
import { updateTicket } from "../../../src/domain/ticket/update.ts";
import { Technician } from "../../../src/entities/technician.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, aTicket, theSettings, WEEKDAYS_8_TO_17 } from "../../support/factories.ts";
import { makePipeline, owner } from "../../support/pipeline.ts";

const SUNDAY_10 = new Date("2026-11-29T16:00:00Z");

let test: TestDatabase;
let dana: Technician;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  dana = await aTechnician(test.db);
});

const stored = (id: string) => test.db.getRepository(Ticket).findOneByOrFail({ id });
const onSunday = async (values: Partial<Ticket> = {}) => {
  const made = { status: "scheduled", technician_id: dana.id, window_start: SUNDAY_10 } as const;
  return (await aTicket(test.db, { ...made, ...values })).id;
};

describe("outside_hours", () => {
  it("is taken by every action that books", async () => {
    const { id: customer_id } = await aContact(test.db);
    const wish = { customer_id, technician_id: dana.id, window_start: "2026-11-29T08:00" };
    expect((await refusal(act(test.db, createTicket, wish))).code).toBe("conflict");
    const created = await act(test.db, createTicket, { ...wish, outside_hours: true });
    expect(created).toMatchObject({ status: "scheduled", outside_hours: true });

    const { id: evening } = await aTicket(test.db, { status: "scheduled", technician_id: dana.id });
    const longer = { id: evening, duration_minutes: 120 };
    expect((await refusal(act(test.db, updateTicket, longer))).message).toContain("works 8:00 AM–5:00 PM");
    expect(await act(test.db, updateTicket, { ...longer, outside_hours: true })).toMatchObject({
      outside_hours: true,
      duration_minutes: 120,
    });

    const mornings = { ...WEEKDAYS_8_TO_17, monday: [["08:00", "12:00"]] } as Technician["working_hours"];
    const early = await aTechnician(test.db, { name: "Ana", working_hours: mornings });
    const { id: afternoon } = await aTicket(test.db, { status: "scheduled" });
    const other = { id: afternoon, technician_id: early.id };
    expect((await refusal(act(test.db, assignTicket, other))).message).toContain(
      "Ana works 8:00 AM–12:00 PM",
    );
    expect(await act(test.db, assignTicket, { ...other, outside_hours: true })).toMatchObject({
      technician_id: early.id,
      outside_hours: true,
    });

    const { id: done } = await aTicket(test.db, { status: "completed", technician_id: dana.id });
    const again = { id: done, window_start: "2026-11-29T12:00" };
    expect((await refusal(act(test.db, reopenTicket, again))).code).toBe("conflict");
    expect(await act(test.db, reopenTicket, { ...again, outside_hours: true })).toMatchObject({
      status: "scheduled",
      outside_hours: true,
    });
  });

  it("stays on a visit that only gets shorter", async () => {
    const id = await onSunday({ outside_hours: true, duration_minutes: 60 });
    await act(test.db, updateTicket, { id, duration_minutes: 30, outside_hours: false });
    expect(await stored(id)).toMatchObject({ outside_hours: true, duration_minutes: 30 });
  });

  it("does not count as a change of its own", async () => {
    const id = await onSunday();
    const error = await refusal(act(test.db, updateTicket, { id, outside_hours: true }));
    expect(error.message).toContain("at least one field");
  });

  it("says nothing about a visit without a time", async () => {
    const { id: customer_id } = await aContact(test.db);
    const created = await act(test.db, createTicket, { customer_id, outside_hours: true });
    expect(created).toMatchObject({ status: "unscheduled", outside_hours: false });
  });
});

describe("a visit that was booked with outside_hours", () => {
  it("may get longer and go to somebody else without insisting again", async () => {
    const id = await onSunday({ outside_hours: true });
    await act(test.db, updateTicket, { id, duration_minutes: 90 });
    const { id: technician_id } = await aTechnician(test.db);
    await act(test.db, assignTicket, { id, technician_id });
    expect(await stored(id)).toMatchObject({ technician_id, duration_minutes: 90, outside_hours: true });
  });

  it("must not go to somebody who is off", async () => {
    const id = await onSunday({ outside_hours: true });
    const { id: technician_id } = await aTechnician(test.db, {
      time_off: [{ from: "2026-11-29", to: "2026-11-29" }],
    });
    expect((await refusal(act(test.db, assignTicket, { id, technician_id }))).message).toContain("is off");
  });

  it("is reopened at its time, but at no other time outside hours", async () => {
    const id = await onSunday({ status: "completed", outside_hours: true });
    const other = await onSunday({ status: "completed", outside_hours: true });
    const moved = { id: other, window_start: "2026-11-29T13:00" };
    expect((await refusal(act(test.db, reopenTicket, moved))).code).toBe("conflict");
    expect(await act(test.db, reopenTicket, { id })).toMatchObject({ outside_hours: true });
    expect(await act(test.db, reopenTicket, { id: other, window_start: "2026-11-30T13:00" })).toMatchObject({
      outside_hours: false,
    });
  });
});

describe("a booked visit whose technician's calendar has changed since", () => {
  it.each([
    ["hours", () => act(test.db, updateTechnician, { id: dana.id, working_hours: MORNINGS })],
    ["a holiday", () => act(test.db, createHoliday, { date: "2026-11-23", name: "Founders' day" })],
    ["time off", () => act(test.db, bookTimeOff, { id: dana.id, from: "2026-11-23" })],
  ])("by %s may get shorter and stay with the technician, but not longer", async (_change, change) => {
    const { id } = await aTicket(test.db, { status: "scheduled", technician_id: dana.id });
    await change();
    await act(test.db, updateTicket, { id, duration_minutes: 30 });
    await act(test.db, assignTicket, { id, technician_id: dana.id });
    expect(await stored(id)).toMatchObject({ duration_minutes: 30, outside_hours: false });
    expect((await refusal(act(test.db, updateTicket, { id, duration_minutes: 45 }))).code).toBe("conflict");
  });
});

const MORNINGS = { ...WEEKDAYS_8_TO_17, monday: [["08:00", "12:00"]] } as Technician["working_hours"];

describe("undoing a cancellation", () => {
  const pipeline = () => makePipeline(test.db, undefined, { now: MONDAY_9 });
  const cancelled = async (values: Partial<Ticket>) => {
    const id = await onSunday(values);
    return { id, job: await pipeline().ask(owner, "ticket.cancel", { id }) };
  };
  const undo = (job: { id: string }) => pipeline().ask(owner, "job.undo", { job_id: job.id });

  it("brings back a visit that was booked with outside_hours", async () => {
    const { id, job } = await cancelled({ outside_hours: true });
    await act(test.db, createHoliday, { date: "2026-11-29", name: "Founders' day" });
    expect(await undo(job)).toMatchObject({ status: "completed" });
    expect(await stored(id)).toMatchObject({ status: "scheduled", outside_hours: true });
  });

  it("is refused for another visit outside hours", async () => {
    const { job } = await cancelled({ outside_hours: false });
    expect(await undo(job)).toMatchObject({
      status: "failed",
      error: { code: "conflict", message: expect.stringContaining("Dana Reed does not work on Sundays") },
    });
  });

  it.each([
    ["whole day", {}],
    ["part of the day", { time: "10:30-11:30" }],
  ])("is refused in time off on the %s, whatever the visit was booked with", async (_case, time) => {
    const { job } = await cancelled({ outside_hours: true });
    await act(test.db, bookTimeOff, { id: dana.id, from: "2026-11-29", ...time });
    expect(await undo(job)).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("Dana Reed is off on Sunday, November 29, 2026") },
    });
  });
});

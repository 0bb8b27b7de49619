import { acceptOffer } from "../../../src/domain/waitlist/accept.ts";
import { declineOffer } from "../../../src/domain/waitlist/decline.ts";
import { bookFromWaitlist } from "../../../src/domain/waitlist/book.ts";
import { offerSlot } from "../../../src/domain/waitlist/offer.ts";
import { rescheduleTicket } from "../../../src/domain/ticket/reschedule.ts";
import type { Service } from "../../../src/entities/service.ts";
import { Service as ServiceRow } from "../../../src/entities/service.ts";
import { Technician } from "../../../src/entities/technician.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { WaitlistEntry } from "../../../src/entities/waitlist-entry.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aHoliday, aService } from "../../support/definitions.ts";
import { aTechnician, aTicket, aWaitlistEntry, theSettings, withJob } from "../../support/factories.ts";

let test: TestDatabase;
let rosa: Technician;
let gutters: Service;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  rosa = await aTechnician(test.db, { name: "Rosa", skills: ["ladder"] });
  gutters = await aService(test.db, { name: "Gutters", duration_minutes: 60, required_skill: "ladder" });
});

const window_start = "2026-11-24T15:30"; // Tuesday.
const START = new Date("2026-11-24T21:30:00Z");

const offer = (entry: WaitlistEntry, more = {}) =>
  act(test.db, offerSlot, { ids: [entry.id], window_start, ...more });
const accept = ({ id }: WaitlistEntry) => act(test.db, acceptOffer, { id });
const visitsOf = ({ customer_id }: WaitlistEntry) =>
  test.db.getRepository(Ticket).find({ where: { customer_id }, order: { id: "ASC" } });
const stateOf = async ({ id }: WaitlistEntry) =>
  (await test.db.getRepository(WaitlistEntry).findOneByOrFail({ id })).state;

/** Somebody with a visit on Thursday, three hours of it, who wants it earlier. */
const wantsEarlier = async () => {
  const later = {
    window_start: new Date("2026-11-26T18:00:00Z"),
    window_end: new Date("2026-11-26T21:00:00Z"),
  };
  const ticket = await aTicket(test.db, {
    ...{ status: "scheduled", technician_id: rosa.id, duration_minutes: 60, ...later },
    line_items: [{ description: "Windows" }],
  });
  const { customer_id } = ticket;
  return { ticket, entry: await aWaitlistEntry(test.db, { customer_id, ticket_id: ticket.id }) };
};

describe("an offer of an earlier time", () => {
  it("moves the visit that took the place of the one they wanted earlier", async () => {
    const { ticket, entry } = await wantsEarlier();
    await offer(entry);
    await act(test.db, rescheduleTicket, { id: ticket.id, window_start: "2026-11-27T12:00" });
    const { ticket_id } = await accept(entry);
    const visits = await visitsOf(entry);
    expect(visits.map(({ status }) => status)).toEqual(["cancelled", "cancelled", "scheduled"]);
    expect(visits[2]).toMatchObject({
      id: ticket_id,
      window_start: START,
      rescheduled_from_id: visits[1]?.id,
    });
  });

  it("is not taken by an answer to an earlier offer, and stays open", async () => {
    const { entry } = await wantsEarlier();
    await offer(entry);
    const answered = { id: entry.id, window_start: START.toISOString() };
    await offer(entry, { window_start: "2026-11-25T09:00" });
    expect(await act(test.db, acceptOffer, answered)).toEqual({ status: "gone", ticket_id: null });
    expect(await act(test.db, declineOffer, answered)).toEqual({ id: entry.id, state: "offered" });
    expect(await stateOf(entry)).toBe("offered");
    expect(await act(test.db, acceptOffer, { ...answered, window_start: "2026-11-25T09:00" })).toMatchObject({
      status: "booked",
    });
  });

  it.each(["completed", "cancelled"] as const)("books nothing once that visit is %s", async (status) => {
    const { ticket, entry } = await wantsEarlier();
    await offer(entry);
    await withJob(test.db, (db) => db.update(Ticket, { id: ticket.id }, { status }));
    expect(await accept(entry)).toEqual({ status: "gone", ticket_id: null });
    expect(await visitsOf(entry)).toHaveLength(1);
    const booked = act(test.db, bookFromWaitlist, { id: entry.id, window_start });
    expect(await refusal(booked)).toMatchObject({
      code: "invalid_state",
      message: `Visit #${ticket.number}, which they wanted earlier, is ${status}.`,
    });
  });

  it("is refused for a time that is no earlier", async () => {
    const { ticket, entry } = await wantsEarlier();
    expect(await refusal(offer(entry, { window_start: "2026-11-27T09:00" }))).toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`visit #${ticket.number}`),
    });
  });
});

describe("an offer has gone once", () => {
  const offered = async (more = {}) => {
    const entry = await aWaitlistEntry(test.db, { service_ids: [gutters.id] });
    await offer(entry, more);
    return entry;
  };

  it.each<[string, () => Promise<unknown>]>([
    ["the technician lacks the skill", () => change(Technician, rosa.id, { skills: [] })],
    ["the technician has left", () => change(Technician, rosa.id, { active: false })],
    ["the service is no longer offered", () => change(ServiceRow, gutters.id, { archived_at: new Date() })],
    ["that day is a holiday", () => aHoliday(test.db, { date: "2026-11-24" })],
  ])("%s", async (_, happens) => {
    const entry = await offered();
    await happens();
    expect(await accept(entry)).toEqual({ status: "gone", ticket_id: null });
    expect(await stateOf(entry)).toBe("waiting");
    expect(await visitsOf(entry)).toEqual([]);
  });

  it("not on a holiday that the office insisted on", async () => {
    await aHoliday(test.db, { date: "2026-11-24" });
    expect(await accept(await offered({ outside_hours: true }))).toMatchObject({ status: "booked" });
  });
});

const change = (type: typeof Technician | typeof ServiceRow, id: string, values: object) =>
  withJob(test.db, (db) => db.update(type, { id }, values));

import type { z } from "zod";
import { handleRescheduleRequest } from "../../../src/domain/workflow/handle-reschedule-request.ts";
import { bookTimeOff } from "../../../src/domain/technician/time-off.ts";
import { Message } from "../../../src/entities/message.ts";
import type { Ticket } from "../../../src/entities/ticket.ts";
import { act, refusal } from "../../support/act.ts";
import { aService } from "../../support/definitions.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, aTicket, aWaitlistEntry, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
let theo: string;
let visit: Ticket;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  theo = (await aTechnician(test.db, { name: "Theo" })).id;
  const maria = await aContact(test.db, { name: "Maria Garcia", emails: ["maria@example.com"] });
  // Monday, 15:30 to 16:30.
  visit = await aTicket(test.db, { customer_id: maria.id, technician_id: theo, status: "scheduled" });
});

type Input = z.input<typeof handleRescheduleRequest.input>;
/** The clock stands at Monday, November 23, 9:00. */
const move = (input: Partial<Input> = {}) =>
  act(test.db, handleRescheduleRequest, { ticket_id: visit.id, new_date: "2026-11-24", ...input });
const at = (time: string, day = 24) => new Date(`2026-11-${day}T${time}:00-06:00`);
const busy = (technician_id: string, [from, to]: [string, string], day = 24) =>
  aTicket(test.db, {
    technician_id,
    status: "scheduled",
    window_start: at(from, day),
    window_end: at(to, day),
  });
const tuesday = (time: string) => `Tuesday, November 24, 2026 at ${time}`;

describe("handle_reschedule_request", () => {
  it.each([
    ["its id", () => visit.id],
    ["its number", () => `#${visit.number}`],
    ["its customer", () => "Maria Garcia"],
  ])("finds the visit by %s and keeps the time of day", async (_case, identifier) => {
    const moved = await move({ ticket_id: identifier() });
    expect(moved).toMatchObject({
      old: { ticket: { id: visit.id }, when: { local: "Monday, November 23, 2026 at 3:30 PM" } },
      new: { when: { local: tuesday("3:30 PM") }, technician: { id: theo } },
      confirmation: { status: "queued", to: "maria@example.com" },
      gap: { local: "Monday 9:00 AM–5:00 PM", before: null, after: null },
    });
    const [message] = await test.db.getRepository(Message).find();
    expect(message?.body).toContain("Before: Monday, November 23, 2026 at 3:30 PM");
  });

  it("takes the nearest time that day where the same one is taken", async () => {
    await busy(theo, ["15:00", "16:00"]);
    expect((await move()).new.when.local).toBe(tuesday("4:00 PM"));
  });

  it("goes to the technician who is named, or is refused where that one has no time", async () => {
    const { id: rosa } = await aTechnician(test.db, { name: "Rosa" });
    await busy(rosa, ["09:00", "12:00"]);
    const refused = refusal(move({ technician_id: rosa, new_time: "10:00" }));
    expect(await refused).toMatchObject({ code: "conflict" });
    expect((await move({ technician_id: rosa })).new.technician.id).toBe(rosa);
  });

  it("takes another technician where the same one has no time, and prefers the same one", async () => {
    const ana = await aTechnician(test.db, { name: "Ana" });
    expect((await move({ new_time: "12:00-17:00" })).new.technician.id).toBe(theo);
    const other = await aTicket(test.db, {
      technician_id: theo,
      status: "scheduled",
      window_start: at("12:00", 25),
      window_end: at("13:00", 25),
    });
    await busy(theo, ["08:00", "17:00"], 27);
    const moved = await move({ ticket_id: other.id, new_date: "2026-11-27", new_time: "10:00" });
    expect(moved.new.technician.id).toBe(ana.id);
  });

  it("refuses an exact time that nobody has, and leaves the visit as it was", async () => {
    await busy(theo, ["08:00", "17:00"]);
    expect(await refusal(move({ new_time: "10:00" }))).toMatchObject({
      code: "conflict",
      alternatives: [{}, {}, {}],
    });
    expect(await refusal(move({ new_time: "12:00-17:00" }))).toMatchObject({ code: "conflict" });
    expect((await move({ new_date: "2026-11-25" })).old.ticket.id).toBe(visit.id);
  });

  it("answers where the gap ends, who waits for it, and no gap that is over", async () => {
    await busy(theo, ["13:00", "15:00"], 23);
    await busy(theo, ["16:30", "17:00"], 23);
    await aWaitlistEntry(test.db, { customer_id: visit.customer_id });
    const fits = await aWaitlistEntry(test.db, { times: ["afternoon"] });
    await aWaitlistEntry(test.db, { times: ["evening"] });
    await aWaitlistEntry(test.db, { until: "2026-11-22" });
    const moved = await move();
    expect(moved.gap).toMatchObject({ minutes: 90, local: "Monday 3:00 PM–4:30 PM" });
    expect(moved.waitlist).toMatchObject({ count: 1, best: [{ id: fits.id }] });
    const early = { status: "scheduled", technician_id: theo } as const;
    const late = await aTicket(test.db, {
      ...early,
      window_start: at("08:00", 23),
      window_end: at("08:30", 23),
    });
    await busy(theo, ["08:30", "10:00"], 23);
    expect(await move({ ticket_id: late.id, new_date: "2026-11-25" })).toMatchObject({
      gap: null,
      waitlist: null,
    });
  });

  it("answers a gap without time off, after visits that began before the hours", async () => {
    const day = { status: "scheduled", technician_id: theo } as const;
    await aTicket(test.db, { ...day, window_start: at("07:00", 25), window_end: at("09:30", 25) });
    const moving = await aTicket(test.db, {
      ...day,
      window_start: at("11:00", 25),
      window_end: at("12:00", 25),
    });
    await act(test.db, bookTimeOff, { id: theo, from: "2026-11-25", time: "13:00-17:00" });
    expect((await move({ ticket_id: moving.id })).gap).toMatchObject({ local: "Wednesday 9:30 AM–1:00 PM" });
  });

  it("answers a gap that begins after time off", async () => {
    const day = { status: "scheduled", technician_id: theo } as const;
    const moving = await aTicket(test.db, {
      ...day,
      window_start: at("11:00", 25),
      window_end: at("12:00", 25),
    });
    await act(test.db, bookTimeOff, { id: theo, from: "2026-11-25", time: "08:00-10:00" });
    expect((await move({ ticket_id: moving.id })).gap).toMatchObject({ local: "Wednesday 10:00 AM–5:00 PM" });
  });

  it("names the visit that begins when the hours end as the one after the gap", async () => {
    const evening = await busy(theo, ["17:00", "18:00"], 23);
    expect((await move()).gap).toMatchObject({
      ...{ local: "Monday 9:00 AM–5:00 PM", after: { ticket_id: evening.id } },
    });
  });

  it("answers the freed part where the visit moves by half an hour", async () => {
    const moved = await move({ new_date: "2026-11-23", new_time: "16:00" });
    expect(moved.gap).toMatchObject({
      local: "Monday 9:00 AM–4:00 PM",
      after: { ticket_id: moved.new.ticket.id },
    });
  });

  it("offers the gap to nobody whose work and the way to the next visit do not fit in", async () => {
    await theSettings(test.db, { travel_buffer_minutes: 30 });
    await busy(theo, ["13:00", "15:30"], 23);
    await busy(theo, ["16:30", "17:00"], 23);
    const { id } = await aService(test.db, { duration_minutes: 60 });
    await aWaitlistEntry(test.db, { service_ids: [id] });
    expect(await move()).toMatchObject({ gap: { minutes: 60 }, waitlist: { count: 0 } });
  });

  it("says what to do with a visit that is under way, found by its customer", async () => {
    const { customer_id } = await aTicket(test.db, { status: "in_progress" });
    expect(await refusal(move({ ticket_id: customer_id }))).toMatchObject({ code: "invalid_state" });
  });

  it("asks which of several visits is meant, and says what to do where there is none", async () => {
    await aTicket(test.db, { customer_id: visit.customer_id });
    expect(await refusal(move({ ticket_id: "Maria Garcia" }))).toMatchObject({
      ...{ code: "ambiguous", candidates: [{ id: visit.id }, {}] },
    });
    const wanda = await aContact(test.db, { name: "Wanda" });
    expect(await refusal(move({ ticket_id: "Wanda" }))).toMatchObject({
      ...{ code: "not_found", hint: expect.stringContaining(wanda.id) },
    });
  });

  it.each(["in_progress", "completed", "cancelled", "no_show"] as const)(
    "refuses a visit that is %s",
    async (status) => {
      const { id } = await aTicket(test.db, { status });
      expect(await refusal(move({ ticket_id: id }))).toMatchObject({ code: "invalid_state", state: status });
    },
  );

  it("names the successor of a visit that has moved", async () => {
    const moved = await move();
    expect(await refusal(move())).toMatchObject({ code: "conflict", rescheduled_to_id: moved.new.ticket.id });
  });

  it("schedules a visit that had no time", async () => {
    const { id } = await aTicket(test.db, { customer_id: visit.customer_id });
    expect(await move({ ticket_id: id, new_time: "08:00-12:00" })).toMatchObject({
      old: { ticket: { id }, when: null },
      new: { ticket: { id }, when: { local: tuesday("8:00 AM") } },
      ...{ gap: null, waitlist: null },
    });
  });
});

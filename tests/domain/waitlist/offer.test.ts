import { declineOffer } from "../../../src/domain/waitlist/decline.ts";
import { endOffer } from "../../../src/domain/waitlist/end-offer.ts";
import { Message } from "../../../src/entities/message.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import type { WaitlistEntry } from "../../../src/entities/waitlist-entry.ts";
import { act, asQueued, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aService } from "../../support/definitions.ts";
import { aContact, aTechnician, aTicket, aWaitlistEntry, theSettings } from "../../support/factories.ts";
import { makeOffering, START, window_start } from "./offering.ts";

let test: TestDatabase;
let office: Awaited<ReturnType<typeof makeOffering>>;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  office = await makeOffering(test.db);
});

describe("an offer", () => {
  it("writes to each of them with a link of their own, and holds for the hours of the settings", async () => {
    await theSettings(test.db, { offer_hours: 2 });
    const [anna, ben] = [await office.waiting("Anna"), await office.waiting("Ben")];
    const offered = await office.offer([anna, ben]);
    expect(offered).toMatchObject({
      local: "Tuesday, November 24, 2026 at 3:30 PM",
      technician: { name: "Rosa" },
      holds_until: "Monday, November 23, 2026 at 11:00 AM",
      offers: [{ minutes: 60, message: { status: "queued" } }, { message: { status: "queued" } }],
    });
    const { body } = await test.db.getRepository(Message).findOneByOrFail({ customer_id: anna.customer_id });
    expect(body).toContain(`http://localhost:8000/visit/${anna.offer_token}`);
    expect(body).toContain("Tuesday, November 24, 2026 at 3:30 PM");
    expect(body).not.toContain(ben.offer_token);
    expect(await office.entryOf(ben.id)).toMatchObject({
      state: "offered",
      offered_start: START,
      offered_technician_id: office.rosa.id,
      offer_ends_at: new Date("2026-11-23T17:00:00Z"),
    });
  });

  it("is not written again while it stands, but is after a call or for another time", async () => {
    const [anna, ben] = [await office.waiting("Anna"), await office.waiting("Ben")];
    await office.offer([anna], { send: false });
    await office.offer([anna, ben]);
    await aTechnician(test.db, { name: "Ada" }); // Whom another call might choose.
    const again = await office.offer([anna, ben]);
    const stands = "They have this offer already, with Rosa, until Monday, November 23, 2026 at 1:00 PM.";
    expect(again.offers.map(({ message }) => message.reason)).toEqual([stands, stands]);
    for (const one of [anna, ben]) expect(await office.messagesTo(one)).toEqual(["waitlist_offer"]);
    await office.offer([anna], { window_start: "2026-11-24T09:00" });
    expect(await office.messagesTo(anna)).toEqual(["waitlist_offer", "waitlist_offer"]);
  });

  it("is refused for two entries of one customer: one message about one time is enough", async () => {
    const anna = await office.waiting("Anna");
    const { customer_id } = anna;
    const other = await aWaitlistEntry(test.db, { customer_id });
    expect(await refusal(office.offer([anna, other]))).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.ids", message: `names ${anna.id} and ${other.id}, both of Anna` }],
    });
    expect(await office.messagesTo(anna)).toEqual([]);
  });

  it("ends at the latest when the time begins", async () => {
    const anna = await office.waiting("Anna");
    await office.offer([anna], { window_start: "2026-11-23T11:00" });
    expect((await office.entryOf(anna.id)).offer_ends_at).toEqual(new Date("2026-11-23T17:00:00Z"));
  });

  it("only notes that they were asked with send: false", async () => {
    const anna = await office.waiting("Anna");
    expect(await office.offer([anna], { send: false })).toMatchObject({
      offers: [{ message: { status: "none" } }],
    });
    expect(await office.messagesTo(anna)).toEqual([]);
    expect(await office.entryOf(anna.id)).toMatchObject({ state: "offered" });
  });

  it("offers somebody who cannot be written to all the same, and says so", async () => {
    const { id: customer_id } = await aContact(test.db, { emails: [], phones: [] });
    const entry = await aWaitlistEntry(test.db, { customer_id });
    expect(await office.offer([entry])).toMatchObject({
      offers: [{ message: { status: "none", reason: "They have no e-mail address and no phone number." } }],
    });
  });

  it("chooses who has the skills and the time for all of them", async () => {
    const tall = await aService(test.db, {
      name: "Gutters",
      duration_minutes: 120,
      required_skill: "ladder",
    });
    const theo = await aTechnician(test.db, { name: "Theo", skills: ["Ladder"] });
    const [anna, ben] = [
      await office.waiting("Anna"),
      await office.waiting("Ben", { service_ids: [tall.id] }),
    ];
    expect(await office.offer([anna, ben], { window_start: "2026-11-24T14:00" })).toMatchObject({
      technician: { id: theo.id },
    });
    expect(await refusal(office.offer([anna, ben], { window_start: "2026-11-24T15:30" }))).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Theo works 8:00 AM–5:00 PM on Tuesdays"),
    });
  });

  it("is refused on a busy time, on a past one, and outside of hours without outside_hours", async () => {
    const anna = await office.waiting("Anna");
    const busy = {
      window_start: START,
      window_end: new Date("2026-11-24T22:00:00Z"),
      technician_id: office.rosa.id,
    };
    const { number } = await aTicket(test.db, { status: "scheduled", ...busy });
    const faultOf = async (at: string) => (await refusal(office.offer([anna], { window_start: at }))).message;
    expect(await faultOf(window_start)).toContain(`visit #${number}`);
    expect(await refusal(office.offer([anna], { window_start: "2026-11-23T08:00" }))).toMatchObject({
      fields: [{ path: "data.window_start" }],
    });
    expect(await faultOf("2026-11-28T10:00")).toContain("Rosa does not work on Saturdays");
    const insisted = { window_start: "2026-11-28T10:00", outside_hours: true };
    expect(await office.offer([anna], insisted)).toMatchObject({ technician: { id: office.rosa.id } });
  });
});

describe("taking an offer", () => {
  it("books the first, confirms it, and tells the others once that the time has gone", async () => {
    const [anna, ben, cleo] = [
      await office.waiting("Anna"),
      await office.waiting("Ben"),
      await office.waiting("Cleo"),
    ];
    const dora = await office.waiting("Dora");
    await office.offer([anna, ben, cleo]);
    await office.offer([dora], { send: false }); // Asked by phone: she is told by phone.
    expect(await office.accept(ben)).toMatchObject({ status: "booked" });
    expect(await office.accept(anna)).toEqual({ status: "gone", ticket_id: null });
    const [visit] = await office.visitsOf(ben);
    expect(visit).toMatchObject({ status: "scheduled", technician_id: office.rosa.id, window_start: START });
    expect(await office.entryOf(ben.id)).toMatchObject({ state: "booked", booked_ticket_id: visit?.id });
    for (const other of [anna, cleo]) {
      expect(await office.messagesTo(other)).toEqual(["waitlist_offer", "waitlist_gone"]);
      expect(await office.entryOf(other.id)).toMatchObject({ state: "waiting" });
      expect(await office.visitsOf(other)).toEqual([]);
    }
    expect(await office.messagesTo(ben)).toEqual(["waitlist_offer", "appointment_confirmation"]);
    expect(await office.messagesTo(dora)).toEqual([]);
    expect(await office.entryOf(dora.id)).toMatchObject({ state: "waiting" });
  });

  it("books once where the button is pressed twice", async () => {
    const anna = await office.waiting("Anna");
    await office.offer([anna]);
    const { ticket_id } = await office.accept(anna);
    expect(await office.accept(anna)).toEqual({ status: "booked", ticket_id });
    expect(await office.visitsOf(anna)).toHaveLength(1);
  });

  it("moves the visit that they want earlier", async () => {
    const later = {
      window_start: new Date("2026-11-26T21:30:00Z"),
      window_end: new Date("2026-11-26T22:30:00Z"),
    };
    const { customer_id } = await office.waiting("Anna", { state: "removed" });
    const visit = { customer_id, status: "scheduled", technician_id: office.rosa.id, ...later } as const;
    const ticket = await aTicket(test.db, visit);
    const entry = await aWaitlistEntry(test.db, { customer_id, ticket_id: ticket.id });
    await office.offer([entry]);
    const { ticket_id } = await office.accept(entry);
    const [before, now] = await Promise.all(
      [ticket.id, String(ticket_id)].map((id) => test.db.getRepository(Ticket).findOneByOrFail({ id })),
    );
    expect(before).toMatchObject({ status: "cancelled" });
    expect(now).toMatchObject({ status: "scheduled", rescheduled_from_id: ticket.id, window_start: START });
    const { body } = await test.db
      .getRepository(Message)
      .findOneByOrFail({ template: "appointment_rescheduled" });
    expect(body).toContain("Thursday, November 26, 2026 at 3:30 PM");
  });

  it("books nothing after its end, or where the office has given the time away", async () => {
    const [anna, ben] = [await office.waiting("Anna"), await office.waiting("Ben")];
    await office.offer([anna]);
    expect(await office.accept(anna, new Date("2026-11-23T19:00:00Z"))).toMatchObject({ status: "gone" });
    await office.offer([ben]);
    const taken = {
      window_start: START,
      window_end: new Date("2026-11-24T22:30:00Z"),
      technician_id: office.rosa.id,
    };
    await aTicket(test.db, { status: "scheduled", ...taken });
    expect(await office.accept(ben)).toMatchObject({ status: "gone" });
    expect([await office.visitsOf(anna), await office.visitsOf(ben)]).toEqual([[], []]);
    expect(await office.entryOf(ben.id)).toMatchObject({ state: "waiting" });
  });

  it("books one of many who press at the same time", async () => {
    const people: WaitlistEntry[] = [];
    for (const name of ["Anna", "Ben", "Cleo"]) people.push(await office.waiting(name));
    await office.offer(people);
    const answers = await Promise.all(people.map((each) => asQueued(() => office.accept(each))));
    expect(answers.map(({ status }) => status).sort()).toEqual(["booked", "gone", "gone"]);
    const visits = (await Promise.all(people.map(office.visitsOf))).flat();
    expect(visits).toHaveLength(1);
    const states = (await Promise.all(people.map(({ id }) => office.entryOf(id)))).map(({ state }) => state);
    expect(states.sort()).toEqual(["booked", "waiting", "waiting"]);
  });
});

describe("the end of an offer", () => {
  const end = ({ id }: WaitlistEntry, now: string) => act(test.db, endOffer, { id }, new Date(now));

  it("lets them wait on once its time is up, and not before", async () => {
    const anna = await office.waiting("Anna");
    await office.offer([anna]);
    await end(anna, "2026-11-23T18:59:59Z");
    expect(await office.entryOf(anna.id)).toMatchObject({ state: "offered" });
    await end(anna, "2026-11-23T19:00:00Z");
    expect(await office.entryOf(anna.id)).toMatchObject({ state: "waiting" });
  });

  it("can be their own no, pressed once or twice", async () => {
    const anna = await office.waiting("Anna");
    await office.offer([anna]);
    const decline = () => act(test.db, declineOffer, { id: anna.id });
    expect([await decline(), await decline()]).toEqual([
      { id: anna.id, state: "waiting" },
      { id: anna.id, state: "waiting" },
    ]);
  });
});

import type { z } from "zod";
import type { ActionDefinition } from "../../../src/domain/core/action.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { addToWaitlist } from "../../../src/domain/waitlist/add.ts";
import { bookFromWaitlist } from "../../../src/domain/waitlist/book.ts";
import { declineOffer } from "../../../src/domain/waitlist/decline.ts";
import { offerSlot } from "../../../src/domain/waitlist/offer.ts";
import { removeFromWaitlist } from "../../../src/domain/waitlist/remove.ts";
import { WAITLIST_STATES, WaitlistEntry, type WaitlistState } from "../../../src/entities/waitlist-entry.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aService } from "../../support/definitions.ts";
import {
  aContact,
  anAddress,
  aTechnician,
  aTicket,
  aWaitlistEntry,
  theSettings,
} from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

type AnyAction = ActionDefinition<z.ZodType, unknown>;

const TUESDAY = "2026-11-24T15:30";

/** By action: its input for an entry, the states from which it is allowed, and the state afterwards. */
const ALLOWED: [AnyAction, (id: string) => object, WaitlistState[], WaitlistState][] = [
  [offerSlot as AnyAction, (id) => ({ ids: [id], window_start: TUESDAY }), ["waiting", "offered"], "offered"],
  [bookFromWaitlist as AnyAction, (id) => ({ id, window_start: TUESDAY }), ["waiting", "offered"], "booked"],
  [removeFromWaitlist as AnyAction, (id) => ({ id }), ["waiting", "offered"], "removed"],
  [declineOffer as AnyAction, (id) => ({ id }), ["waiting", "offered"], "waiting"],
];
const cases = ALLOWED.flatMap(([action, data, from, to]) =>
  WAITLIST_STATES.map((state) => ({
    name: action.name,
    action,
    data,
    state,
    to: from.includes(state) ? to : null,
  })),
);

describe("the state of a waitlist entry", () => {
  beforeEach(() => aTechnician(test.db));

  it.each(cases.filter(({ to }) => to))(
    "changes from $state to $to by $name",
    async ({ action, data, ...is }) => {
      const { id } = await aWaitlistEntry(test.db, { state: is.state });
      await act(test.db, action, data(id));
      const entry = await test.db.getRepository(WaitlistEntry).findOneByOrFail({ id });
      expect(entry.state).toBe(is.to);
    },
  );

  it.each(cases.filter(({ to }) => !to))(
    "does not change from $state by $name",
    async ({ action, data, state }) => {
      const { id } = await aWaitlistEntry(test.db, { state });
      expect(await refusal(act(test.db, action, data(id)))).toMatchObject({ code: "invalid_state", state });
    },
  );
});

describe("adding to the waitlist", () => {
  it("stores the requested service, the preferred times and the only address", async () => {
    const { id: customer_id } = await aContact(test.db);
    const address = await anAddress(test.db, { contact_id: customer_id });
    const service = await aService(test.db, { name: "Screen cleaning", duration_minutes: 45 });
    const entry = await act(test.db, addToWaitlist, {
      customer_id,
      services: ["screen cleaning", service.id],
      days: ["friday", "monday", "friday"],
      times: ["afternoon"],
      until: "2026-11-23",
    });
    expect(entry).toMatchObject({
      state: "waiting",
      service_ids: [service.id],
      services: ["Screen cleaning"],
      days: ["monday", "friday"],
      until: "2026-11-23",
      address_id: address.id,
      minutes: 45,
      customer: { id: customer_id },
    });
  });

  it("takes the work of the visit that they want earlier", async () => {
    const ticket = await aTicket(test.db, { duration_minutes: 90 });
    const { customer_id } = ticket;
    const entry = await act(test.db, addToWaitlist, { customer_id, ticket_id: ticket.id });
    expect(entry).toMatchObject({ ticket_id: ticket.id, minutes: 90 });
  });

  it("refuses a visit of somebody else or one that is over, and a last day in the past", async () => {
    const other = await aTicket(test.db);
    const over = await aTicket(test.db, { status: "cancelled" });
    const { id: customer_id } = await aContact(test.db);
    const faultOf = async (data: { customer_id: string; ticket_id?: string; until?: string }) =>
      (await refusal(act(test.db, addToWaitlist, data))).fields;
    expect(await faultOf({ customer_id, ticket_id: other.id })).toEqual([
      { path: "data.ticket_id", message: "is a visit of another customer" },
    ]);
    expect(await faultOf({ customer_id: over.customer_id, ticket_id: over.id })).toMatchObject([
      { message: `is visit #${over.number}, which is cancelled` },
    ]);
    expect(await faultOf({ customer_id, until: "2026-11-22" })).toMatchObject([
      { path: "data.until", message: expect.stringContaining("2026-11-23") },
    ]);
  });
});

describe("finding entries", () => {
  const find = async (filters: object, sort = "until") => {
    const { types } = makeRegistry(domains);
    const answer = await runQuery(test.db, { type: "waitlist", filters, sort }, { types, now: MONDAY_9 });
    return "items" in answer ? answer.items.map(({ id }) => id) : [];
  };

  it("finds entries for a Friday afternoon, including those without a preference", async () => {
    const { id: customer_id } = await aContact(test.db);
    const any = await aWaitlistEntry(test.db, { customer_id });
    const friday = await aWaitlistEntry(test.db, { customer_id, days: ["friday"], times: ["afternoon"] });
    await aWaitlistEntry(test.db, { customer_id, days: ["monday"] });
    await aWaitlistEntry(test.db, { customer_id, until: "2026-11-01" });
    await aWaitlistEntry(test.db, { customer_id, state: "removed" });
    const filters = { customer_id, state: ["waiting", "offered"], day: "friday", time: "afternoon" };
    expect(await find({ ...filters, until_from: "today" })).toEqual([any.id, friday.id]);
  });

  // Tuesday, 11:00 to 13:30: 60 minutes in the morning, 90 in the afternoon.
  const FITS: [string, Partial<WaitlistEntry>, boolean][] = [
    ["any time", {}, true],
    ["as long as the free time", { duration_minutes: 150 }, true],
    ["longer than the free time", { duration_minutes: 155 }, false],
    ["a morning start, the whole visit inside", { times: ["morning"], duration_minutes: 150 }, true],
    ["an afternoon that is long enough", { times: ["afternoon"], duration_minutes: 90 }, true],
    ["an afternoon that is too short", { times: ["afternoon"], duration_minutes: 95 }, false],
    ["the evening", { times: ["evening"] }, false],
    ["Tuesdays", { days: ["tuesday"] }, true],
    ["other days", { days: ["monday", "friday"] }, false],
    ["until that day", { until: "2026-11-24" }, true],
    ["until the day before", { until: "2026-11-23" }, false],
    ["with an offer", { state: "offered" }, true],
    ["who has been booked", { state: "booked" }, false],
  ];
  it.each(FITS)("looks for who fits into a free time: %s", async (_, values, fits) => {
    const { id: customer_id } = await aContact(test.db);
    const { id } = await aWaitlistEntry(test.db, { customer_id, ...values });
    const slot = { from: "tomorrow at 11", to: "2026-11-24T13:30" };
    expect(await find({ customer_id, fits: slot })).toEqual(fits ? [id] : []);
    expect(await find({ customer_id, fits: "2026-11-24T11:00/2026-11-24T13:30" })).toEqual(fits ? [id] : []);
  });

  it("does not count a part of the day that is over when the free time begins", async () => {
    const { id: customer_id } = await aContact(test.db);
    const { id } = await aWaitlistEntry(test.db, { customer_id, times: ["morning"] });
    const at = (from: string) => find({ customer_id, fits: { from, to: "2026-11-24T15:00" } });
    expect(await at("2026-11-24T11:30")).toEqual([id]);
    expect(await at("2026-11-24T12:00")).toEqual([]);
  });

  it("finds who wants an earlier visit only for a time before it", async () => {
    const window = {
      window_start: new Date("2026-11-24T19:00:00Z"),
      window_end: new Date("2026-11-24T20:00:00Z"),
    };
    const ticket = await aTicket(test.db, {
      ...window,
      status: "scheduled",
      technician_id: (await aTechnician(test.db)).id,
    });
    const { customer_id } = ticket;
    const { id } = await aWaitlistEntry(test.db, { customer_id, ticket_id: ticket.id });
    const at = (from: string) => find({ customer_id, fits: { from, to: "2026-11-24T16:00" } });
    expect(await at("2026-11-24T12:30")).toEqual([id]);
    expect(await at("2026-11-24T13:00")).toEqual([]);
  });

  it.each([
    [{ from: "2026-11-24T11:00", to: "2026-11-24T11:00" }, "must be later than from"],
    [{ from: "2026-11-24T11:00", to: "2026-11-25T09:00" }, "must be on the same day as from"],
  ])("refuses %j as a free time", async (fits, message) => {
    expect(await refusal(find({ fits }))).toMatchObject({ fields: [{ path: "filters.fits.to", message }] });
  });
});

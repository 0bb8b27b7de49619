import type { z } from "zod";
import type { ActionDefinition } from "../../../src/domain/core/action.ts";
import { runQuery } from "../../../src/domain/core/query.ts";
import { addToWaitlist } from "../../../src/domain/waitlist/add.ts";
import { offerSlot } from "../../../src/domain/waitlist/offer.ts";
import { removeFromWaitlist } from "../../../src/domain/waitlist/remove.ts";
import { waitlist } from "../../../src/domain/waitlist/type.ts";
import { WAITLIST_STATES, type WaitlistState } from "../../../src/entities/waitlist.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aService, aWaitlistEntry, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

const window_start = "2026-11-24T15:30";

const LIFE: [string, ActionDefinition<z.ZodType, Record<string, unknown>>, object, WaitlistState][] = [
  ["offer", offerSlot, { window_start }, "offered"],
  ["remove", removeFromWaitlist, {}, "removed"],
];
const ways = LIFE.flatMap(([name, action, data, to]) =>
  WAITLIST_STATES.map((state) => ({ name, action, data, state, to: state === "removed" ? null : to })),
);

describe("an entry's life", () => {
  it.each(ways.filter(({ to }) => to))("$name leads from $state to $to", async (way) => {
    const { id } = await aWaitlistEntry(test.db, { state: way.state });
    expect(await act(test.db, way.action, { id, ...way.data })).toMatchObject({ state: way.to, version: 2 });
  });

  it.each(ways.filter(({ to }) => !to))("$name is refused from $state", async ({ action, data, state }) => {
    const { id } = await aWaitlistEntry(test.db, { state });
    expect(await refusal(act(test.db, action, { id, ...data }))).toMatchObject({
      code: "invalid_state",
      state,
    });
  });
});

describe("the waitlist", () => {
  it("knows what they wait for and what suits", async () => {
    const { id: customer_id } = await aContact(test.db);
    const service = await aService(test.db, { name: "Screen cleaning" });
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
      customer: { id: customer_id },
    });
  });

  it("takes no day that is past, and offers none", async () => {
    const { id: customer_id } = await aContact(test.db);
    const late = await refusal(act(test.db, addToWaitlist, { customer_id, until: "2026-11-22" }));
    expect(late.fields).toMatchObject([
      { path: "data.until", message: expect.stringContaining("2026-11-23") },
    ]);
    const { id } = await aWaitlistEntry(test.db);
    const past = await refusal(act(test.db, offerSlot, { id, window_start: "2026-11-23T08:00" }));
    expect(past.fields).toMatchObject([{ path: "data.window_start" }]);
  });

  it("finds who could come on a Friday afternoon, those without a wish included", async () => {
    const { id: customer_id } = await aContact(test.db);
    const any = await aWaitlistEntry(test.db, { customer_id });
    const friday = await aWaitlistEntry(test.db, { customer_id, days: ["friday"], times: ["afternoon"] });
    await aWaitlistEntry(test.db, { customer_id, days: ["monday"] });
    await aWaitlistEntry(test.db, { customer_id, until: "2026-11-01" });
    await aWaitlistEntry(test.db, { customer_id, state: "removed" });
    const filters = { customer_id, state: ["waiting", "offered"], day: "friday", time: "afternoon" };
    const types = new Map([["waitlist", waitlist]]);
    const input = { type: "waitlist", filters: { ...filters, until_from: "today" }, sort: "until" };
    const answer = await runQuery(test.db, types, input, MONDAY_9);
    expect(answer).toMatchObject({ items: [{ id: any.id }, { id: friday.id }], total: 2 });
  });
});

import type { z } from "zod";
import type { ActionDefinition } from "../../../src/domain/core/action.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { addToWaitlist } from "../../../src/domain/waitlist/add.ts";
import { offerSlot } from "../../../src/domain/waitlist/offer.ts";
import { removeFromWaitlist } from "../../../src/domain/waitlist/remove.ts";
import { WAITLIST_STATES, type WaitlistState } from "../../../src/entities/waitlist-entry.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aService } from "../../support/definitions.ts";
import { aContact, aWaitlistEntry, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

const window_start = "2026-11-24T15:30";

const ALLOWED: [string, ActionDefinition<z.ZodType, Record<string, unknown>>, object, WaitlistState][] = [
  ["offer", offerSlot, { window_start }, "offered"],
  ["remove", removeFromWaitlist, {}, "removed"],
];
const cases = ALLOWED.flatMap(([name, action, data, to]) =>
  WAITLIST_STATES.map((state) => ({ name, action, data, state, to: state === "removed" ? null : to })),
);

describe("the state of a waitlist entry", () => {
  it.each(cases.filter(({ to }) => to))("changes from $state to $to by $name", async (transition) => {
    const { id } = await aWaitlistEntry(test.db, { state: transition.state });
    expect(await act(test.db, transition.action, { id, ...transition.data })).toMatchObject({
      state: transition.to,
      version: 2,
    });
  });

  it.each(cases.filter(({ to }) => !to))(
    "does not change from $state by $name",
    async ({ action, data, state }) => {
      const { id } = await aWaitlistEntry(test.db, { state });
      expect(await refusal(act(test.db, action, { id, ...data }))).toMatchObject({
        code: "invalid_state",
        state,
      });
    },
  );
});

describe("the waitlist", () => {
  it("stores the requested service and the preferred times", async () => {
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

  it("rejects a last day and an offered time in the past", async () => {
    const { id: customer_id } = await aContact(test.db);
    const late = await refusal(act(test.db, addToWaitlist, { customer_id, until: "2026-11-22" }));
    expect(late.fields).toMatchObject([
      { path: "data.until", message: expect.stringContaining("2026-11-23") },
    ]);
    const { id } = await aWaitlistEntry(test.db);
    const past = await refusal(act(test.db, offerSlot, { id, window_start: "2026-11-23T08:00" }));
    expect(past.fields).toMatchObject([{ path: "data.window_start" }]);
  });

  it("finds entries for a Friday afternoon, including those without a preference", async () => {
    const { id: customer_id } = await aContact(test.db);
    const any = await aWaitlistEntry(test.db, { customer_id });
    const friday = await aWaitlistEntry(test.db, { customer_id, days: ["friday"], times: ["afternoon"] });
    await aWaitlistEntry(test.db, { customer_id, days: ["monday"] });
    await aWaitlistEntry(test.db, { customer_id, until: "2026-11-01" });
    await aWaitlistEntry(test.db, { customer_id, state: "removed" });
    const filters = { customer_id, state: ["waiting", "offered"], day: "friday", time: "afternoon" };
    const { types } = makeRegistry(domains);
    const input = { type: "waitlist", filters: { ...filters, until_from: "today" }, sort: "until" };
    const answer = await runQuery(test.db, input, { types, now: MONDAY_9 });
    expect(answer).toMatchObject({ items: [{ id: any.id }, { id: friday.id }], total: 2 });
  });
});

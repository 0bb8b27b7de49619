import { z } from "zod";
import { defineAction } from "../../src/domain/core/action.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { momentInput } from "../../src/domain/core/time.ts";
import { Ticket } from "../../src/entities/ticket.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { anAttribute } from "../support/definitions.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../support/factories.ts";
import { agent, makePipeline, office, owner, type Pipeline } from "../support/pipeline.ts";
import { swear, withActions } from "../support/probe-actions.ts";

/** Thursday, January 15, 2026 at 10:00 in Chicago. */
const THURSDAY_10 = "2026-01-15T10:00:00-06:00";

/** Takes a moment, changes nothing, and a person has to agree. */
const promise = defineAction({
  ...{ domain: "probe", name: "promise", summary: "Only for tests: takes a date and time." },
  permission: "requires_authorization",
  input: z.strictObject({ id: swear.input.shape.id, at: momentInput }),
  example: { ...swear.example, at: "2026-11-23T15:30" },
  targets: ({ id }) => [id],
  handler: (_context, input) => Promise.resolve(input),
});

let test: TestDatabase;
let pipeline: Pipeline;
let now: Date;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  pipeline = makePipeline(test.db, withActions(promise), { now: () => now });
});
afterAll(() => test.drop());
beforeEach(() => void (now = new Date(THURSDAY_10)));

const later = (time: string) => void (now = new Date(time));
const refusalOf = (sent: Promise<unknown>) =>
  sent.then(
    () => null,
    (error: unknown) => error,
  );

describe("a request in words with an idempotency key", () => {
  const key = () => ({ idempotency_key: newId("job") });

  it("is the same request on another day, also once its time is over", async () => {
    const { id } = await aTicket(test.db, { status: "unscheduled" });
    const data = { id, window_start: "tomorrow at 2pm" };
    const rest = key();
    const first = await pipeline.submit(agent, "ticket.schedule", data, rest);
    later("2026-01-16T10:00:00-06:00");
    expect(await pipeline.submit(agent, "ticket.schedule", data, rest)).toBe(first);
    const today = { id, window_start: "today at 2pm" };
    const rest2 = key();
    const second = await pipeline.submit(agent, "ticket.schedule", today, rest2);
    later("2026-01-16T20:00:00-06:00");
    expect(await pipeline.submit(agent, "ticket.schedule", today, rest2)).toBe(second);
  });

  it("is the same request on another day where an equal parked request answered it", async () => {
    const { id } = await aContact(test.db);
    const data = { id, at: "tomorrow at 2pm" };
    const parked = await pipeline.ask(agent, "probe.promise", { id, at: "2026-01-16T14:00:00-06:00" });
    const rest = key();
    expect(await pipeline.submit(agent, "probe.promise", data, rest)).toBe(parked.id);
    later("2026-01-16T00:30:00-06:00");
    expect(await pipeline.submit(agent, "probe.promise", data, rest)).toBe(parked.id);
  });

  it("is another one, which the key refuses, with other words of another meaning", async () => {
    const { id } = await aTicket(test.db, { status: "unscheduled" });
    const rest = key();
    await pipeline.submit(agent, "ticket.schedule", { id, window_start: "tomorrow at 2pm" }, rest);
    const other = pipeline.submit(agent, "ticket.schedule", { id, window_start: "tomorrow at 3pm" }, rest);
    expect(await refusalOf(other)).toMatchObject({ code: "idempotency_conflict" });
  });
});

describe("window_end", () => {
  const windowOf = async (data: object) => {
    await aTechnician(test.db);
    const { id } = await aTicket(test.db, { status: "unscheduled", duration_minutes: 60 });
    const job = await pipeline.ask(agent, "ticket.schedule", { id, ...data });
    expect(job).toMatchObject({ status: "completed" });
    const ticket = await test.db.manager.findOneByOrFail(Ticket, { id });
    return [ticket.window_start, ticket.window_end].map((at) => at?.toISOString());
  };

  it.each([
    ["a time of day", { window_start: "tomorrow at 2pm", window_end: "3:30pm" }, "20:00", "21:30"],
    ["a time of day after ISO", { window_start: "2026-01-16T14:00", window_end: "4" }, "20:00", "22:00"],
    ["left out beside a range", { window_start: "tomorrow 9-11am" }, "15:00", "17:00"],
    ["left out beside a part of the day", { window_start: "tomorrow morning" }, "14:00", "15:00"],
    ["the end of the range", { window_start: "tomorrow 1-3pm", window_end: "3pm" }, "19:00", "21:00"],
  ])("is on the day of window_start: %s", async (_what, data, from, to) => {
    expect(await windowOf(data)).toEqual([`2026-01-16T${from}:00.000Z`, `2026-01-16T${to}:00.000Z`]);
  });

  it("is refused beside a range with another end, with what to do", async () => {
    const { id } = await aTicket(test.db, { status: "unscheduled" });
    const data = { id, window_start: "tomorrow 9-11am", window_end: "noon" };
    expect(await refusalOf(pipeline.submit(agent, "ticket.schedule", data))).toMatchObject({
      body: {
        fields: [{ path: "data.window_start", message: expect.stringMatching(/11:00 AM.*leave out/) }],
      },
    });
  });
});

describe("words for a date", () => {
  it("are read in custom fields that are dates, and stay as they are in texts", async () => {
    const { id } = await aContact(test.db);
    await anAttribute(test.db, { key: "cleaned_on", type: "date" });
    await anAttribute(test.db, { key: "advice", type: "text" });
    const values = { cleaned_on: "next Friday", advice: "tomorrow" };
    const set = await pipeline.ask(agent, "attribute.set", { id, values });
    expect(set).toMatchObject({
      status: "completed",
      result: { attributes: { cleaned_on: "2026-01-23", advice: "tomorrow" } },
      understood: { "values.cleaned_on": "Friday, January 23, 2026 (America/Chicago)" },
    });
    const created = await pipeline.ask(agent, "contact.create", {
      name: "Ines",
      attributes: { cleaned_on: "yesterday" },
    });
    expect(created.input).toMatchObject({ attributes: { cleaned_on: "2026-01-14" } });
    const unread = pipeline.submit(agent, "attribute.set", { id, values: { cleaned_on: "Blursday" } });
    expect(await refusalOf(unread)).toMatchObject({ body: { fields: [{ path: "data.values.cleaned_on" }] } });
  });

  it("without a year mean the next such day for holidays and time off", async () => {
    later("2026-11-10T10:00:00-06:00");
    const holiday = await pipeline.ask(owner, "holiday.create", { date: "July 4", name: "Independence Day" });
    expect(holiday.result).toMatchObject({ date: "2027-07-04" });
    const { id } = await aTechnician(test.db);
    const off = await pipeline.ask(office, "technician.time_off", { id, from: "Oct 30", to: "Oct 31" });
    expect(off.result).toMatchObject({ time_off: [{ from: "2027-10-30", to: "2027-10-31" }] });
    const past = await pipeline.ask(owner, "holiday.create", { date: "2026-07-03", name: "Observed" });
    expect(past.result).toMatchObject({ date: "2026-07-03" });
  });

  it("follow only a country whose phone numbers are known", async () => {
    const refused = pipeline.submit(owner, "settings.update", { country: "UK" });
    expect(await refusalOf(refused)).toMatchObject({
      body: { fields: [{ path: "data.country", message: expect.stringContaining("GB for the UK") }] },
    });
  });
});

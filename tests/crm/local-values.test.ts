import { z } from "zod";
import { defineAction } from "../../src/domain/core/action.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { findOrFail, update } from "../../src/domain/core/records.ts";
import { dateInput, momentInput } from "../../src/domain/core/time.ts";
import { Contact } from "../../src/entities/contact.ts";
import { Job } from "../../src/entities/job.ts";
import { Ticket } from "../../src/entities/ticket.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../support/factories.ts";
import { agent, makePipeline, office, type Pipeline } from "../support/pipeline.ts";
import { swear, withActions } from "../support/probe-actions.ts";

/** Thursday, January 15, 2026 at 10:00 in Chicago. */
const THURSDAY_10 = "2026-01-15T10:00:00-06:00";

/** Writes the moment that it was given into the customer's notes; a person has to agree. */
const promise = defineAction({
  domain: "probe",
  name: "promise",
  summary: "Only for tests: takes a date and time, and dates.",
  permission: "requires_authorization",
  targets: ({ id }) => [id],
  input: z.strictObject({ id: swear.input.shape.id, at: momentInput, days: z.array(dateInput).default([]) }),
  example: { ...swear.example, at: "2026-11-23T15:30" },
  async handler(context, { id, at, days }) {
    return update(context, await findOrFail(context.db, Contact, id), { notes: [at, ...days].join(" ") });
  },
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
const notesOf = async (id: string) => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;
const refusalOf = (sent: Promise<unknown>) =>
  sent.then(
    () => null,
    (error: unknown) => error,
  );

describe("words for a time in an action's input", () => {
  it("mean in an edit what they mean when it is made", async () => {
    const { id } = await aContact(test.db);
    const job = await pipeline.ask(agent, "probe.promise", { id, at: "tomorrow at 2pm" });
    later("2026-01-16T10:00:00-06:00");
    const edited = await pipeline.edit(job, { id, at: "tomorrow at 3pm" });
    later("2026-01-20T10:00:00-06:00");
    await pipeline.answer(edited);
    expect(await notesOf(id)).toContain("2026-01-17T15:00");
  });

  it("are replaced by what they mean, and the job says what was understood", async () => {
    await aTechnician(test.db);
    const { id } = await aTicket(test.db, { status: "unscheduled", duration_minutes: 60 });
    const job = await pipeline.ask(agent, "ticket.schedule", { id, window_start: "tomorrow at 2pm" });
    expect(job).toMatchObject({
      status: "completed",
      input: { id, window_start: "2026-01-16T14:00:00-06:00" },
      understood: { window_start: "Friday, January 16, 2026 at 2:00 PM (America/Chicago)" },
    });
    const { window_start } = await test.db.manager.findOneByOrFail(Ticket, { id });
    expect(window_start?.toISOString()).toBe("2026-01-16T20:00:00.000Z");
  });

  it("leave ISO as it was sent, without a word about it", async () => {
    const { id } = await aContact(test.db);
    const job = await pipeline.ask(agent, "probe.promise", { id, at: "2026-01-20T14:00" });
    expect(job).toMatchObject({ input: { at: "2026-01-20T14:00" }, understood: null });
  });

  it("are understood in lists and in nested objects, each by its own path", async () => {
    const { id } = await aContact(test.db);
    const days = ["tomorrow", "2026-01-20", "next Monday"];
    const job = await pipeline.ask(agent, "probe.promise", { id, at: "noon tomorrow", days });
    expect(job.input).toMatchObject({ days: ["2026-01-16", "2026-01-20", "2026-01-19"] });
    expect(Object.keys(job.understood ?? {})).toEqual(["at", "days.0", "days.2"]);

    const technician = await aTechnician(test.db);
    const off = { id: technician.id, time_off: [{ from: "next Monday", to: "2026-01-20" }] };
    const updated = await pipeline.ask(office, "technician.update", off);
    expect(updated.result).toMatchObject({ time_off: [{ from: "2026-01-19", to: "2026-01-20" }] });
  });

  it("mean what they meant when the request was accepted, also where it runs after midnight", async () => {
    later("2026-01-15T23:59:59-06:00");
    const { id } = await aContact(test.db);
    const jobId = await pipeline.submit(agent, "probe.promise", { id, at: "tomorrow at 2pm" });
    later("2026-01-16T00:00:02-06:00");
    await pipeline.run(jobId);
    const done = await pipeline.answer(await pipeline.job(jobId));
    expect(done.status).toBe("completed");
    expect(await notesOf(id)).toBe("2026-01-16T14:00:00-06:00");
  });

  it("do what was shown where a person agrees two days later", async () => {
    const { id } = await aContact(test.db);
    const parked = await pipeline.ask(agent, "probe.promise", {
      id,
      at: "Monday at 9:00",
      days: ["tomorrow"],
    });
    expect(parked.status).toBe("authorization_required");
    later("2026-01-17T10:00:00-06:00");
    expect((await pipeline.answer(parked)).status).toBe("completed");
    expect(await notesOf(id)).toBe("2026-01-19T09:00:00-06:00 2026-01-16");
  });

  it("are refused where a person agrees after that time, and nothing is done", async () => {
    await aTechnician(test.db);
    const { id } = await aTicket(test.db, { status: "unscheduled" });
    const jobId = await pipeline.submit(agent, "ticket.schedule", { id, window_start: "tomorrow at 2pm" });
    later("2026-01-17T10:00:00-06:00");
    await pipeline.run(jobId);
    expect(await pipeline.job(jobId)).toMatchObject({
      status: "failed",
      error: { code: "validation_failed" },
    });
    expect((await test.db.manager.findOneByOrFail(Ticket, { id })).status).toBe("unscheduled");
  });

  it("are the same request on the same day, and another one on another day", async () => {
    const { id } = await aContact(test.db);
    const data = { id, at: "tomorrow at 2pm" };
    const parked = await pipeline.ask(agent, "probe.promise", data);
    later("2026-01-15T18:30:00-06:00"); // The next day in UTC.
    expect(await pipeline.submit(agent, "probe.promise", data)).toBe(parked.id);
    later("2026-01-16T00:30:00-06:00");
    expect(await pipeline.submit(agent, "probe.promise", data)).not.toBe(parked.id);
  });

  it("that cannot be read are refused before a job is written, each with its field and what may be meant", async () => {
    const { id } = await aContact(test.db);
    const before = await test.db.manager.count(Job);
    const data = { id, at: "next Blursday at 2pm", days: ["tomorrow", "February 30"] };
    expect(await refusalOf(pipeline.submit(agent, "probe.promise", data))).toMatchObject({
      code: "validation_failed",
      body: {
        fields: [
          { path: "data.at", message: expect.stringContaining("understood the time 2 PM") },
          { path: "data.days.1", message: expect.stringMatching(/2026-02-28/) },
        ],
      },
    });
    expect(await test.db.manager.count(Job)).toBe(before);
  });

  it("that name a day, but no time of day, are refused where a time is asked for", async () => {
    const { id } = await aContact(test.db);
    expect(await refusalOf(pipeline.submit(agent, "probe.promise", { id, at: "tomorrow" }))).toMatchObject({
      body: { fields: [{ path: "data.at", message: expect.stringMatching(/January 16.*2026-01-16T09:00/) }] },
    });
  });

  it("follow the country and the parts of the day of the business", async () => {
    const { id } = await aContact(test.db);
    const ask = async (at: string) => (await pipeline.ask(agent, "probe.promise", { id, at })).input;
    expect(await ask("2/3 at noon")).toMatchObject({ at: "2026-02-03T12:00:00-06:00" });
    const day_parts = {
      morning: { from: "07:00", to: "12:00" },
      afternoon: { from: "13:00", to: "17:00" },
      evening: { from: "17:00", to: "21:00" },
    };
    await pipeline.ask(office, "settings.update", { country: "de", day_parts });
    expect(await ask("2/3 at noon")).toMatchObject({ at: "2026-03-02T12:00:00-06:00" });
    expect(await ask("tomorrow afternoon")).toMatchObject({ at: "2026-01-16T13:00:00-06:00" });
    const address = await pipeline.ask(agent, "contact.add_address", { id, lines: ["Hauptstraße 1"] });
    expect(address.result).toMatchObject({ country: "DE" });
    await pipeline.ask(office, "settings.update", { country: "US" });
  });

  it.each([
    ["now", "2026-01-15T18:01:00-06:00"],
    ["this evening", "2026-01-15T18:01:00-06:00"],
    ["tonight at 8", "2026-01-15T20:00:00-06:00"],
  ])("mean the next minute where they have begun: %s", async (at, expected) => {
    later("2026-01-15T18:00:20-06:00");
    const { id } = await aContact(test.db);
    expect((await pipeline.ask(agent, "probe.promise", { id, at })).input).toMatchObject({ at: expected });
  });

  it("name what is past in a field that takes a day or a time", async () => {
    const lead = { name: "Martha", next_follow_up_at: "yesterday at 3 pm" };
    expect(await refusalOf(pipeline.submit(agent, "lead.create", lead))).toMatchObject({
      body: { fields: [{ path: "data.next_follow_up_at", message: expect.stringMatching(/is past/) }] },
    });
  });

  it("are limited to ten in a request: reading them must not hold up everybody", async () => {
    const { id } = await aContact(test.db);
    const phrase = "1 to 1 to 1 to 1 to 1 to 1 to 1 to 1 to 1 to 1 to 1 to 1 to";
    const days = Array<string>(2_000).fill(phrase);
    expect(await refusalOf(pipeline.submit(agent, "probe.promise", { id, at: "noon", days }))).toMatchObject({
      body: { fields: [{ path: "data", message: expect.stringContaining("2001 dates in words") }] },
    });
    const phones = Array.from({ length: 101 }, () => ({ number: "6085550123", label: null }));
    expect(await refusalOf(pipeline.submit(agent, "contact.create", { name: "A", phones }))).toMatchObject({
      body: { fields: [{ path: "data", message: expect.stringContaining("101 phone numbers") }] },
    });
  });

  it("are not read where the caller may not use the action", async () => {
    const data = { id: newId("technician"), time_off: [{ from: "next Blursday", to: "1 to 1" }] };
    expect(await refusalOf(pipeline.submit(agent, "technician.update", data))).toMatchObject({
      code: "forbidden",
    });
  });

  it("of any kind never reach a field that takes none", async () => {
    const { id } = await aContact(test.db);
    const job = await pipeline.ask(agent, "probe.note", { id, notes: "tomorrow at 2pm" });
    expect(job).toMatchObject({ input: { notes: "tomorrow at 2pm" }, understood: null });
    const data = { id: newId("contact"), at: 5, days: "tomorrow" };
    expect(await refusalOf(pipeline.submit(agent, "probe.promise", data))).toMatchObject({
      body: { fields: [{ path: "data.at" }, { path: "data.days" }] },
    });
  });
});

describe("a phone number without a country code", () => {
  const create = async (number: string) => {
    const phones = [{ number, label: "mobile" }];
    const job = await pipeline.ask(agent, "contact.create", { name: `Customer ${number}`, phones });
    return { job, phones: (job.result as Contact | null)?.phones.map((phone) => phone.number) };
  };
  const inGermany = () => pipeline.ask(office, "settings.update", { country: "DE" });
  afterEach(() => pipeline.ask(office, "settings.update", { country: "US" }));

  it("is one of the country of the business", async () => {
    expect((await create("(608) 555-0181")).phones).toEqual(["+16085550181"]);
    await inGermany();
    const { job, phones } = await create("030 1234567");
    expect(phones).toEqual(["+49301234567"]);
    expect(job).toMatchObject({ input: { phones: [{ number: "+49301234567" }] }, understood: null });
  });

  it("does not change the meaning of one that has a country code", async () => {
    await inGermany();
    expect((await create(" +1 608 555 0182")).phones).toEqual(["+16085550182"]);
  });

  it.each([
    ["12", /is not a phone number/],
    ["030 1234567 ext. 5", /extension/],
  ])("is refused where it is none: %j", async (number, message) => {
    await inGermany();
    expect(await refusalOf(create(number))).toMatchObject({
      body: { fields: [{ path: "data.phones.0.number", message: expect.stringMatching(message) }] },
    });
  });
});

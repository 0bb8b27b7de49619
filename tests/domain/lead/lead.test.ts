import { z } from "zod";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { Lead } from "../../../src/entities/lead.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aLead, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => {
  test = await testDatabase();
  pipeline = makePipeline(test.db, undefined, { now: MONDAY_9 });
  await theSettings(test.db);
});
afterAll(() => test.drop());

const record = z.looseObject({ id: z.string(), customer_id: z.string().nullable() });
const ask = (action: string, data: object) => pipeline.ask(agent, action, data);
const undo = ({ id }: { id: string }) => pipeline.ask(agent, "job.undo", { job_id: id });
const lead = (id: string) => test.db.getRepository(Lead).findOneBy({ id });

describe("lead.create", () => {
  it("stores the notes verbatim, the extracted fields and the follow-up time", async () => {
    const { result } = await ask("lead.create", {
      raw_notes: "Elderly woman Martha, 456 Oak Street Madison.",
      name: "Martha",
      phones: [{ number: "608 555 0142" }],
      source: "phone_call",
      extracted: { address: { value: "456 Oak Street, Madison", confidence: 0.8 } },
      next_follow_up_at: "2026-11-26",
    });
    expect(result).toMatchObject({
      status: "new",
      urgency: "medium",
      raw_notes: "Elderly woman Martha, 456 Oak Street Madison.",
      phones: [{ number: "+16085550142", label: null }],
      extracted: { address: { value: "456 Oak Street, Madison", confidence: 0.8 } },
      next_follow_up_local: "Thu 2026-11-26 09:00 America/Chicago",
      attributes: {},
    });
  });

  it.each([
    [{}, "data.raw_notes"],
    [{ raw_notes: "Hi", status: "converted" }, "data.status"],
    [
      { raw_notes: "Hi", extracted: { name: { value: "Martha", confidence: 2 } } },
      "data.extracted.name.confidence",
    ],
  ])("rejects %j before a job is created", async (data, path) => {
    await expect(ask("lead.create", data)).rejects.toMatchObject({ body: { fields: [{ path }] } });
  });

  it("rejects a follow-up in the past", async () => {
    const { error } = await ask("lead.create", { raw_notes: "Hi", next_follow_up_at: "2026-11-20" });
    expect(error).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.next_follow_up_at", message: expect.stringContaining("Friday, November 20") }],
    });
  });
});

it("rejects a follow-up or a visit that is too far ahead", async () => {
  const { error } = await ask("lead.create", { raw_notes: "Hi", next_follow_up_at: "9999-01-01" });
  expect(error?.fields).toEqual([
    { path: "data.next_follow_up_at", message: "is more than 5 years ahead; check the year" },
  ]);
  const { id } = await aLead(test.db);
  expect((await ask("lead.schedule_followup", { id, at: "2031-11-24" })).error?.fields).toMatchObject([
    { path: "data.at" },
  ]);
  expect(await ask("lead.schedule_followup", { id, at: "2031-11-22" })).toMatchObject({
    status: "completed",
  });
});

describe("lead.update", () => {
  it("does not change the notes or the status", async () => {
    const { id } = await aLead(test.db);
    for (const field of ["raw_notes", "status", "next_follow_up_at"]) {
      const refused = ask("lead.update", { id, name: "Martha", [field]: "lost" });
      await expect(refused).rejects.toMatchObject({ body: { fields: [{ path: `data.${field}` }] } });
    }
    const { result } = await ask("lead.update", { id, urgency: "high", source: null });
    expect(result).toMatchObject({ urgency: "high", status: "new", raw_notes: "Wants a quote." });
  });

  it("does not move a converted lead to another customer", async () => {
    const { id } = await aLead(test.db, { status: "converted" });
    const other = await aContact(test.db);
    const { error } = await ask("lead.update", { id, customer_id: other.id });
    expect(error).toMatchObject({ code: "invalid_state" });
  });
});

describe("lead.convert", () => {
  const qualified = (values: Partial<Lead> = {}) => aLead(test.db, { status: "qualified", ...values });

  it("creates the customer from the lead and links both", async () => {
    const { id } = await qualified({
      emails: ["martha@example.com"],
      source: "referral",
      next_follow_up_at: new Date("2026-11-26T15:00:00Z"),
    });
    const job = await ask("lead.convert", { id, contact: { name: "Martha Miller" } });
    expect(job.result).toMatchObject({
      id,
      status: "converted",
      next_follow_up_at: null,
      customer: { name: "Martha Miller", emails: ["martha@example.com"], source: "referral" },
    });
    const { customer_id } = record.parse(job.result);
    expect(await lead(id)).toMatchObject({ customer_id, converted_at: MONDAY_9 });
    // It deletes a customer whose lead was qualified: for an agent, a person decides.
    expect(await undo(job)).toMatchObject({ status: "authorization_required" });
    expect(await pipeline.ask(owner, "job.undo", { job_id: job.id })).toMatchObject({ status: "completed" });
    expect(await lead(id)).toMatchObject({ status: "qualified", customer_id: null });
    expect(await test.db.getRepository("contact").existsBy({ id: customer_id })).toBe(false);
  });

  it("links the named customer or the lead's existing one", async () => {
    const [named, own] = [await aContact(test.db), await aContact(test.db)];
    const first = await ask("lead.convert", { id: (await qualified()).id, customer_id: named.id });
    const second = await ask("lead.convert", { id: (await qualified({ customer_id: own.id })).id });
    expect([first, second].map(({ result }) => record.parse(result).customer_id)).toEqual([named.id, own.id]);
  });

  it("requires a name when the lead has none", async () => {
    const { error } = await ask("lead.convert", { id: (await qualified({ name: null })).id });
    expect(error).toMatchObject({ code: "validation_failed", fields: [{ path: "data.contact.name" }] });
  });
});

describe("leads and their customer", () => {
  it("are deleted with the customer, do not count as history and are restored by undo", async () => {
    const { id: customer_id } = await aContact(test.db);
    const { id } = await aLead(test.db, { customer_id });
    const job = await ask("contact.delete", { id: customer_id });
    expect(job.status).toBe("completed");
    expect(await lead(id)).toBeNull();
    await undo(job);
    expect(await lead(id)).toMatchObject({ customer_id });
  });

  it("are found by text, by due date and through their customer", async () => {
    const customer = await aContact(test.db, { name: "Riverside Apartments" });
    const { id } = await aLead(test.db, {
      customer_id: customer.id,
      raw_notes: "Bulk pricing inquiry for the towers",
      next_follow_up_at: new Date("2026-11-23T20:00:00Z"),
    });
    const { types } = makeRegistry(domains);
    const query = async (input: object) => runQuery(test.db, input, { types, now: MONDAY_9 });
    expect(await query({ type: "leads", search: "riverside towers", include: ["customer"] })).toMatchObject({
      items: [{ id, customer: { name: "Riverside Apartments" } }],
    });
    const due = { customer_id: customer.id, follow_up: "today" };
    expect(await query({ type: "leads", filters: due })).toMatchObject({ total: 1 });
    expect(await query({ type: "leads", filters: { ...due, follow_up: "tomorrow" } })).toMatchObject({
      total: 0,
    });
    expect(await query({ type: "contacts", id: customer.id, include: ["leads"] })).toMatchObject({
      item: { leads: [{ id }] },
    });
  });
});

describe("losing and archiving", () => {
  it("requires reasoning from an agent, and undo reopens the lead", async () => {
    const { id } = await aLead(test.db);
    const bare = await pipeline.ask(agent, "lead.lose", { id }, {});
    expect(bare.error).toMatchObject({ code: "reasoning_required" });
    const lost = await ask("lead.lose", { id, lost_reason: "Too expensive" });
    expect(lost.result).toMatchObject({ status: "lost", lost_reason: "Too expensive" });
    expect(await pipeline.ask(owner, "job.undo", { job_id: lost.id })).toMatchObject({ status: "completed" });
    expect(await lead(id)).toMatchObject({ status: "new", lost_reason: null });
  });
});

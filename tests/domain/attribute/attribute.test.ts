import { attributesByTable } from "../../../src/domain/attribute/definitions.ts";
import { capabilities } from "../../../src/domain/core/capabilities.ts";
import { CrmError } from "../../../src/domain/core/errors.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import type { Attribute } from "../../../src/entities/attribute.ts";
import { AttributeValue } from "../../../src/entities/attribute-value.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { anAttribute, aService } from "../../support/definitions.ts";
import { aContact, aLead, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";

const registry = makeRegistry(domains);
let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  pipeline = makePipeline(test.db, registry, { now: MONDAY_9 });
  await theSettings(test.db);
});

const ask = (action: string, data: object) => pipeline.ask(agent, action, data);
const set = (id: string, values: object) => ask("attribute.set", { id, values });
const undo = ({ id }: { id: string }) => ask("job.undo", { job_id: id });
const query = (input: object) => runQuery(test.db, input, { types: registry.types, now: MONDAY_9 });
const found = async (attributes: unknown, type = "contacts") => {
  const answer = await query({ type, filters: { attributes }, sort: "created_at" });
  return "items" in answer ? answer.items.map(({ id }) => id) : [];
};
const shown = async (type: string, id: string) => {
  const answer = await query({ type, id });
  return "item" in answer ? answer.item["attributes"] : undefined;
};
const define = (values: Partial<Attribute>) => anAttribute(test.db, values);

describe("attribute.define", () => {
  it("adds a field and changes its options, but not its type", async () => {
    const size = { entity: "ticket", key: "ladder", type: "select" };
    const made = await ask("attribute.define", { ...size, options: ["short", "long", "short"] });
    expect(made.result).toMatchObject({ ...size, options: ["short", "long"], required: false });
    const { id } = await aTicket(test.db);
    await set(id, { ladder: "long" });
    const wider = await ask("attribute.define", { ...size, options: ["long", "none"] });
    expect(wider.result).toMatchObject({ options: ["long", "none"], version: 2 });
    const narrower = await ask("attribute.define", { ...size, options: ["none"] });
    expect(narrower.error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("long (1 record)"),
    });
    const other = await ask("attribute.define", { ...size, type: "text" });
    expect(other.error).toMatchObject({ code: "conflict", message: expect.stringContaining("select") });
    await undo(wider);
    expect(await query({ type: "attributes" })).toMatchObject({ items: [{ options: ["short", "long"] }] });
  });

  it("keeps unnamed properties when defined again", async () => {
    const field = { entity: "lead", key: "panes", type: "number" };
    await ask("attribute.define", { ...field, required: true, description: "Panes to clean" });
    const again = await ask("attribute.define", field);
    expect(again.result).toMatchObject({ required: true, description: "Panes to clean" });
    const cleared = await ask("attribute.define", { ...field, required: false, description: null });
    expect(cleared.result).toMatchObject({ required: false, description: null });
  });

  it.each([
    [{ type: "select" }, "options"],
    [{ type: "text", options: ["a"] }, "options"],
    [{ type: "text", key: "Gate Code" }, "key"],
    [{ type: "text", entity: "settings" }, "entity"],
  ])("rejects %j", async (values, field) => {
    const data = { entity: "contact", key: "gate_code", ...values };
    await expect(ask("attribute.define", data)).rejects.toMatchObject({
      body: { fields: [{ path: `data.${field}` }] },
    });
  });

  it("can be undone while no record has a value", async () => {
    const made = await ask("attribute.define", { entity: "contact", key: "dog", type: "boolean" });
    const { id } = await aContact(test.db);
    const used = await set(id, { dog: true });
    expect((await undo(made)).error).toMatchObject({ code: "conflict" });
    await undo(used);
    expect(await undo(made)).toMatchObject({ status: "completed" });
    expect(await query({ type: "attributes", filters: { archived: "any" } })).toMatchObject({ total: 0 });
  });
});

describe("attribute.set", () => {
  it("sets values on any type of record, leaves unnamed ones, clears null ones, and can be undone", async () => {
    const records = [
      ["contacts", "contact", (await aContact(test.db)).id],
      ["tickets", "ticket", (await aTicket(test.db)).id],
      ["leads", "lead", (await aLead(test.db)).id],
      ["services", "service", (await aService(test.db)).id],
    ] as const;
    for (const [type, entity, id] of records) {
      await define({ entity, key: "rating", type: "number" });
      await define({ entity, key: "since", type: "date" });
      const first = await set(id, { rating: 4.5, since: "2019-04-01" });
      expect(first.result).toEqual({ id, attributes: { rating: 4.5, since: "2019-04-01" } });
      const second = await set(id, { rating: null });
      expect(await shown(type, id)).toEqual({ since: "2019-04-01" });
      await undo(second);
      await set(id, { rating: 5 }).then(undo);
      expect(await shown(type, id)).toEqual({ rating: 4.5, since: "2019-04-01" });
      await undo(first);
      expect(await shown(type, id)).toEqual({});
    }
  });

  it("rejects all unknown keys and invalid values in one error, and lists the known keys", async () => {
    await define({ key: "count", type: "number" });
    await define({ key: "dog", type: "boolean" });
    await define({ key: "since", type: "date" });
    await define({ key: "size", type: "select", options: ["small", "large"] });
    await define({ key: "gate", type: "text" });
    const { id } = await aContact(test.db);
    const wrong = { count: "25", dog: "yes", since: "2026-02-30", size: "huge", gate: "  ", cat: true };
    const { error } = await set(id, wrong);
    const faults = Object.keys(wrong).map((key) => ({ path: `data.values.${key}` }));
    expect(error?.fields).toEqual(
      expect.arrayContaining(faults.map((fault) => expect.objectContaining(fault))),
    );
    expect(error?.fields).toHaveLength(faults.length);
    expect(error?.hint).toContain(
      "count (number), dog (boolean), gate (text), since (date), size (select: small, large)",
    );
    expect(await test.db.getRepository(AttributeValue).count()).toBe(0);
    const lead = await aLead(test.db);
    expect((await set(lead.id, { count: 1 })).error?.hint).toContain("attribute.define");
  });

  it("does not clear a required value", async () => {
    await define({ key: "count", required: true });
    await define({ key: "gate", type: "text" });
    const { id } = await aContact(test.db);
    const missing = {
      code: "validation_failed",
      fields: [{ path: "data.values.count", message: "is required (number)" }],
    };
    expect((await set(id, { gate: "12#" })).error).toMatchObject(missing);
    expect(await set(id, { gate: "12#", count: 3 })).toMatchObject({ status: "completed" });
    expect((await set(id, { count: null })).error).toMatchObject(missing);
  });

  it("treats a key that every object inherits as missing unless it is given", async () => {
    await define({ key: "constructor", type: "text" });
    await define({ key: "count", type: "number" });
    const { id } = await aContact(test.db);
    expect((await set(id, { count: 3 })).result).toEqual({ id, attributes: { count: 3 } });
    expect((await set(id, { constructor: "Smith & Sons" })).result).toMatchObject({
      attributes: { constructor: "Smith & Sons" },
    });
    expect(await set(id, { count: 1e16 })).toMatchObject({
      error: { fields: [{ path: "data.values.count", message: "must be at most 1000000000000000" }] },
    });
  });

  it("is deleted and restored with its record", async () => {
    await define({ key: "count" });
    const { id } = await aContact(test.db);
    await set(id, { count: 3 });
    const job = await ask("contact.delete", { id });
    expect(await test.db.getRepository(AttributeValue).count()).toBe(0);
    await undo(job);
    expect(await shown("contacts", id)).toEqual({ count: 3 });
  });
});

describe("attribute.archive", () => {
  it("hides the field and its values until it is defined again", async () => {
    const { id: attribute } = await define({ key: "count" });
    const { id } = await aContact(test.db);
    await set(id, { count: 3 });
    await ask("attribute.archive", { id: attribute });
    expect(await shown("contacts", id)).toEqual({});
    expect((await set(id, { count: 4 })).error?.code).toBe("validation_failed");
    await ask("attribute.define", { entity: "contact", key: "count", type: "number" });
    expect(await shown("contacts", id)).toEqual({ count: 3 });
  });
});

describe("the filter attributes", () => {
  const refused = async (attributes: unknown) => {
    const error: unknown = await found(attributes).catch((error: unknown) => error);
    return error instanceof CrmError ? error.body : undefined;
  };

  it("matches equality, lists and ranges, also as JSON text in a URL", async () => {
    await define({ key: "count" });
    await define({ key: "since", type: "date" });
    await define({ key: "dog", type: "boolean" });
    await define({ key: "size", type: "select", options: ["small", "large"] });
    const [a, b] = [(await aContact(test.db)).id, (await aContact(test.db)).id];
    await aContact(test.db);
    await set(a, { count: 9, since: "2026-11-23", dog: true, size: "small" });
    await set(b, { count: 25, since: "2020-01-01", dog: false, size: "large" });
    expect(await found({ count: 9 })).toEqual([a]);
    expect(await found({ count: [9, 25] })).toEqual([a, b]);
    expect(await found({ count: { from: 10 } })).toEqual([b]);
    expect(await found({ count: { from: 9, to: 24.5 } })).toEqual([a]);
    expect(await found({ since: "today" })).toEqual([a]);
    expect(await found({ since: { to: "yesterday" } })).toEqual([b]);
    expect(await found({ dog: false, size: ["small", "large"] })).toEqual([b]);
    expect(await found({ dog: false, size: "small" })).toEqual([]);
    expect(await found('{"size":"small"}')).toEqual([a]);
  });

  it("lists the known keys for an unknown key and the valid values for an invalid one", async () => {
    expect(await refused({ count: 1 })).toMatchObject({ hint: expect.stringContaining("attribute.define") });
    await define({ key: "count" });
    await define({ key: "gate", type: "text" });
    expect(await refused({ windows: 1, count: "many", gate: { from: "a" } })).toMatchObject({
      code: "validation_failed",
      fields: [
        { path: "filters.attributes.windows" },
        { path: "filters.attributes.count", message: "must be a number, not text" },
        { path: "filters.attributes.gate", message: expect.stringContaining("no from") },
      ],
      hint: "The attributes of a contact are: count (number), gate (text).",
    });
    expect(await refused("count")).toMatchObject({ fields: [{ path: "filters.attributes" }] });
    expect(await refused({ count: {} })).toMatchObject({ fields: [{ path: "filters.attributes.count" }] });
  });
});

it("is listed in the capabilities of its record type", async () => {
  await define({ key: "size", type: "select", options: ["small", "large"], description: "Of the house" });
  const known = await attributesByTable(test.db.manager);
  const { data_types } = capabilities(registry, { audience: "agent", brief: true }, known);
  const attributes = (type: string) => data_types.find((one) => one.type === type)?.attributes;
  expect(attributes("contacts")).toEqual([
    {
      key: "size",
      type: "select",
      required: false,
      options: ["small", "large"],
      description: "Of the house",
    },
  ]);
  expect(attributes("tickets")).toBeUndefined();
});

import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { type Attribute, ATTRIBUTE_ENTITIES } from "../../../src/entities/attribute.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { anAttribute } from "../../support/definitions.ts";
import { aContact, aLead, aTechnician, theSettings } from "../../support/factories.ts";
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
const must = (values: Partial<Attribute>) => anAttribute(test.db, { ...values, required: true });
const count = (table: string) => test.db.getRepository(table).count();

/** Input for a new record of each type with attributes; visits are booked. */
const MINIMAL_INPUT = {
  contact: () => ({ name: "Rosa Diaz" }),
  lead: () => ({ raw_notes: "Wants a quote." }),
  service: () => ({ name: "Awning care", unit_price_cents: 500 }),
  ticket: async () => {
    await aTechnician(test.db);
    return { customer_id: (await aContact(test.db)).id, window_start: "2026-11-24T10:00" };
  },
};

describe.each(ATTRIBUTE_ENTITIES)("a new %s", (entity) => {
  it("is rejected without the required attributes; the error lists all of them with their valid values", async () => {
    const input = await MINIMAL_INPUT[entity]();
    await must({ entity, key: "size", type: "select", options: ["small", "large"] });
    await must({ entity, key: "windows" });
    await anAttribute(test.db, { entity, key: "dog", type: "boolean" });
    const create = (more: object) => ask(`${entity}.create`, { ...input, ...more });

    expect((await create({})).error).toMatchObject({
      code: "validation_failed",
      fields: [
        { path: "data.attributes.size", message: "is required (select: small, large)" },
        { path: "data.attributes.windows", message: "is required (number)" },
      ],
      hint: expect.stringContaining("dog (boolean), size (select: small, large), windows (number)"),
    });
    const { error } = await create({ attributes: { size: null, windows: "many", cat: true } });
    expect(error).toMatchObject({
      fields: ["cat", "windows", "size"].map((key) => ({ path: `data.attributes.${key}` })),
    });

    const attributes = { size: "large", windows: 25 };
    const made = await create({ attributes });
    expect(made.result).toMatchObject({ attributes });
    expect(await count("attribute_value")).toBe(2);
    expect(await ask("job.undo", { job_id: made.id })).toMatchObject({ status: "completed" });
    expect(await count("attribute_value")).toBe(0);
  });

  it("accepts optional attributes", async () => {
    await anAttribute(test.db, { entity, key: "windows" });
    const attributes = { windows: 3 };
    const { result } = await ask(`${entity}.create`, { ...(await MINIMAL_INPUT[entity]()), attributes });
    expect(result).toMatchObject({ attributes });
  });
});

it("requires nothing of existing records until their attributes are set", async () => {
  const { id } = await aContact(test.db);
  await must({ key: "windows" });
  await anAttribute(test.db, { key: "gate", type: "text" });
  expect(await ask("contact.update", { id, notes: "Moved." })).toMatchObject({ status: "completed" });
  const missing = { fields: [{ path: "data.values.windows", message: "is required (number)" }] };
  expect((await ask("attribute.set", { id, values: { gate: "12#" } })).error).toMatchObject(missing);
  expect(await ask("attribute.set", { id, values: { windows: 2 } })).toMatchObject({ status: "completed" });
  expect((await ask("attribute.set", { id, values: { windows: null } })).error).toMatchObject(missing);
});

describe("a lead that becomes a customer", () => {
  const convert = (id: string, contact?: object) => ask("lead.convert", { id, contact });

  it("copies matching attributes and names the missing ones", async () => {
    const { id } = await aLead(test.db, { status: "qualified" });
    const own = (values: Partial<Attribute>) => anAttribute(test.db, { entity: "lead", ...values });
    await own({ key: "windows" });
    await own({ key: "size", type: "select", options: ["huge"] });
    await own({ key: "since", type: "text" });
    await own({ key: "budget" });
    const said = { windows: 25, size: "huge", since: "long ago", budget: 1_000 };
    await ask("attribute.set", { id, values: said });
    await must({ key: "windows" });
    await must({ key: "size", type: "select", options: ["small", "large"] });
    await anAttribute(test.db, { key: "since", type: "date" });
    expect((await convert(id)).error).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.contact.attributes.size", message: "is required (select: small, large)" }],
    });
    const { result } = await convert(id, { attributes: { size: "large" } });
    expect(result).toMatchObject({
      attributes: said,
      customer: { attributes: { windows: 25, size: "large" } },
    });
  });

  it("links an existing customer even without required attributes", async () => {
    const { id: customer_id } = await aContact(test.db);
    const { id } = await aLead(test.db, { status: "qualified" });
    await must({ key: "windows" });
    expect(await ask("lead.convert", { id, customer_id })).toMatchObject({ status: "completed" });
  });
});

describe("attribute.define with required", () => {
  const define = (more: object, rest = {}) =>
    pipeline.ask(
      agent,
      "attribute.define",
      { entity: "contact", key: "gate_code", type: "text", ...more },
      rest,
    );
  const why = { reasoning: "Every gate needs its code." };

  it("needs reasoning, and says how many records lack the field", async () => {
    const { id } = await aContact(test.db);
    await aContact(test.db);
    await aContact(test.db);
    expect(await define({ required: true })).toMatchObject({
      status: "failed",
      error: { code: "reasoning_required" },
    });
    expect(await define({})).toMatchObject({ status: "completed" });
    await ask("attribute.set", { id, values: { gate_code: "4711" } });
    expect(await define({ required: true })).toMatchObject({ error: { code: "reasoning_required" } });
    expect(await define({ required: true }, why)).toMatchObject({
      status: "completed",
      level: "soft_limit",
      result: { required: true, records_without: 2 },
    });
  });

  it("needs no reasoning where the field is required already, and again after it was archived", async () => {
    const made = await define({ required: true }, why);
    expect(made).toMatchObject({ result: { records_without: 0 } });
    const again = await define({ required: true, description: "At the door" });
    expect(again).toMatchObject({ status: "completed", level: "unrestricted" });
    expect(again.result).not.toHaveProperty("records_without");
    await ask("attribute.archive", { id: (made.result as { id: string }).id });
    expect(await define({})).toMatchObject({ error: { code: "reasoning_required" } });
  });
});

import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { Service } from "../../../src/entities/service.ts";
import { LineItem } from "../../../src/entities/line-item.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aService } from "../../support/definitions.ts";
import { aContact, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => {
  test = await testDatabase();
  pipeline = makePipeline(test.db, makeRegistry(domains));
  await theSettings(test.db, { tax_bp: 550 });
});
afterAll(() => test.drop());

const ask = (action: string, data: object) => pipeline.ask(agent, action, data);
const undo = ({ id }: { id: string }) => ask("job.undo", { job_id: id });
const idOf = ({ result }: { result: unknown }) => (result as { id: string }).id;
let customer_id: string;
const visit = (...line_items: object[]) => ask("ticket.create", { customer_id, line_items });

beforeEach(async () => {
  ({ id: customer_id } = await aContact(test.db));
});

describe("services", () => {
  it("are created, updated and archived, and each step can be undone", async () => {
    const made = await ask("service.create", { name: "Gutter cleaning", unit_price_cents: 15_000 });
    expect(made.result).toMatchObject({ duration_minutes: 60, taxable: true, active: true, currency: "USD" });
    const id = idOf(made);
    const changed = await ask("service.update", { id, unit_price_cents: 16_000, required_skill: "ladder" });
    expect(changed.result).toMatchObject({ unit_price_cents: 16_000, required_skill: "ladder", version: 2 });
    const archived = await ask("service.archive", { id });
    expect(archived.result).toMatchObject({ archived_at: expect.anything() });
    const states = [{ archived_at: null }, { unit_price_cents: 15_000 }];
    for (const [at, job] of [archived, changed].entries()) {
      expect(await undo(job)).toMatchObject({ status: "completed" });
      expect(await test.db.getRepository(Service).findOneByOrFail({ id })).toMatchObject(states[at] ?? {});
    }
    await undo(made);
    expect(await test.db.getRepository(Service).existsBy({ id })).toBe(false);
  });

  it("reject an outdated version", async () => {
    const { id } = await aService(test.db, { name: "Stale" });
    await ask("service.update", { id, active: false });
    const { error } = await ask("service.update", { id, version: 1, active: true });
    expect(error).toMatchObject({ code: "conflict", version: 2 });
  });
});

describe("a line that names a service", () => {
  it("copies its name, price and tax, so that later changes do not affect it", async () => {
    const cleaning = await aService(test.db, { name: "Pressure washing", duration_minutes: 90 });
    const gift = await aService(test.db, { name: "Gift card", taxable: false, duration_minutes: 15 });
    const { result } = await visit(
      { service: "pressure WASHING", quantity: 2 },
      { service_id: gift.id, unit_price_cents: 5_000, description: "Gift card for Mary" },
      { description: "Salt", unit_price_cents: 100 },
    );
    expect(result).toMatchObject({
      duration_minutes: 105,
      line_items: [
        { service_id: cleaning.id, description: "Pressure washing", tax_bp: 550, total_cents: 18_990 },
        { service_id: gift.id, description: "Gift card for Mary", tax_bp: 0, total_cents: 5_000 },
        { service_id: null, description: "Salt", tax_bp: 550, total_cents: 106 },
      ],
    });
    await ask("service.update", { id: cleaning.id, unit_price_cents: 1 });
    const line = await test.db.getRepository(LineItem).findOneByOrFail({ service_id: cleaning.id });
    expect(line).toMatchObject({ unit_price_cents: 9_000, total_cents: 18_990 });
  });

  it("can be added to a visit later, by an unambiguous part of the name", async () => {
    const { id: service_id } = await aService(test.db, {
      name: "Chandelier dusting",
      unit_price_cents: 4_000,
    });
    const { id } = await aTicket(test.db);
    const { result } = await ask("ticket.add_line_item", { id, service: "chandelier" });
    expect(result).toMatchObject({ line_items: [{ service_id, description: "Chandelier dusting" }] });
  });

  it("is rejected with the nearest names when the service does not exist", async () => {
    const { id } = await aService(test.db, { name: "Mirror polishing" });
    const { error } = await visit({ service: "Miror polish" });
    expect(error).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.line_items.0.service" }],
      hint: expect.stringContaining(`Mirror polishing (${id})`),
    });
  });

  it("is rejected with the candidates when several match", async () => {
    const small = await aService(test.db, { name: "Skylight, small", unit_price_cents: 3_000 });
    const large = await aService(test.db, { name: "Skylight, large", unit_price_cents: 6_000 });
    const { error } = await visit({ service: "skylight" });
    expect(error).toMatchObject({
      code: "ambiguous",
      candidates: [
        { id: large.id, summary: "Skylight, large, $60" },
        { id: small.id, summary: "Skylight, small, $30" },
      ],
    });
  });

  it("is rejected when the service is archived or inactive", async () => {
    for (const values of [{ archived_at: new Date() }, { active: false }]) {
      const { id: service_id } = await aService(test.db, { name: "Gone", ...values });
      const { error } = await visit({ service_id });
      expect(error).toMatchObject({ fields: [{ path: "data.line_items.0.service_id" }] });
    }
  });

  it("is rejected when the discount exceeds the price", async () => {
    const { id: service_id } = await aService(test.db, { unit_price_cents: 500 });
    const { error } = await visit(
      { description: "Salt", unit_price_cents: 100 },
      { service_id, discount_cents: 501 },
    );
    expect(error).toMatchObject({ fields: [{ path: "data.line_items.1.discount_cents" }] });
  });

  it.each([
    [{ service: "A", service_id: "service_01kb2m6x8efh5rt3zqk9w7ycd4" }, "service"],
    [{ unit_price_cents: 5 }, "description"],
    [{ description: "Salt" }, "unit_price_cents"],
  ])("is rejected with two services, or without a description or price: %j", async (line, field) => {
    await expect(visit(line)).rejects.toMatchObject({
      body: { fields: [{ path: `data.line_items.0.${field}` }] },
    });
  });

  it("prevents undoing the creation of its service", async () => {
    const made = await ask("service.create", { name: "Awning care", unit_price_cents: 500 });
    await visit({ service_id: idOf(made) });
    expect((await undo(made)).error).toMatchObject({ code: "conflict" });
  });
});

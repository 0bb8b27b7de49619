import { z } from "zod";
import { actionKey } from "../../src/domain/core/action.ts";
import { type IdPrefix, prefixOf } from "../../src/domain/core/ids.ts";
import { fieldsOf } from "../../src/domain/core/shape.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { User } from "../../src/entities/user.ts";
import { MONDAY_9 } from "../support/act.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aHoliday, aService, aTemplate } from "../support/definitions.ts";
import {
  aContact,
  aLead,
  aLineItem,
  anAddress,
  aPlan,
  aTechnician,
  aTicket,
  theSettings,
} from "../support/factories.ts";
import { makePipeline, owner, type Pipeline } from "../support/pipeline.ts";

const registry = makeRegistry(domains);
const types = [...registry.types.values()];
/** The shape of each record and the includes it may have. */
const shown = new Map([
  ...types
    .flatMap(({ includes }) => Object.values(includes))
    .map(({ shape }) => [shape.table, { shape, includes: {} }] as const),
  ...types.map((type) => [type.shape.table, type] as const),
]);

/** The actions that create a record or change its fields. */
const saying = [...registry.actions.values()].filter(({ name }) =>
  /^(create|update|define|add)(_|$)/.test(name),
);

/** What is answered besides the record, by table: the visits that a plan has ahead, and what came of the request. */
const BESIDES: Readonly<Record<string, readonly string[]>> = {
  plan: ["visits", "visits_total", "needs_time", "hints", "message"],
};

/** Creates the records that the actions' examples refer to. */
async function theNamed({ db }: TestDatabase): Promise<void> {
  const id = (prefix: IdPrefix) => `${prefix}_01kb2m6x8efh5rt3zqk9w7ycd4`;
  const contact_id = (await aContact(db, { id: id("contact") })).id;
  await anAddress(db, { id: id("address"), contact_id });
  await aLead(db, { id: id("lead") });
  await aService(db, { id: id("service") });
  await aTechnician(db, { id: id("technician") });
  await aTemplate(db, { id: id("template") });
  await aPlan(db, { id: id("plan") });
  await aHoliday(db, { id: id("holiday"), date: "2026-12-31" });
  const ticket_id = (await aTicket(db, { id: id("ticket") })).id;
  await aLineItem(db, { id: id("line_item"), ticket_id });
  const user = { id: id("user"), email: "tina@example.com", name: "Tina", role: "technician" } as const;
  await db.getRepository(User).insert({ ...user, password_hash: null });
}

describe("an action that creates or changes a record returns the record", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db, registry, { now: MONDAY_9 });
    await theSettings(test.db);
    await theNamed(test);
  });
  afterAll(() => test.drop());

  /** Keys of the first result, by table. */
  const first = new Map<string, string[]>();

  it.each(saying.map((action) => ({ key: actionKey(action), action })))("$key", async ({ key, action }) => {
    const { error, result } = await pipeline.ask(owner, key, action.example);
    expect(error).toBeNull();
    const record = z.looseObject({ id: z.string() }).parse(result);
    const table = prefixOf(record.id) ?? record.id;
    const keys = Object.keys(record)
      .filter((each) => !BESIDES[table]?.includes(each))
      .sort();
    if (!first.has(table)) first.set(table, keys);
    expect(keys).toEqual(first.get(table));
    const type = shown.get(table);
    if (!type) return; // Users and settings cannot be queried.
    expect(keys.filter((each) => !(each in type.includes))).toEqual(fieldsOf(type.shape).sort());
  });
});

import pg from "pg";
import { getMetadataArgsStorage } from "typeorm";
import { rows } from "../../../src/database/sql.ts";
import { Address } from "../../../src/entities/address.ts";
import { AttributeValue } from "../../../src/entities/attribute-value.ts";
import { BusinessRecord, VOLATILE } from "../../../src/entities/columns.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { Invoice } from "../../../src/entities/invoice.ts";
import { Lead } from "../../../src/entities/lead.ts";
import { LineItem } from "../../../src/entities/line-item.ts";
import { Message } from "../../../src/entities/message.ts";
import { PERSONAL_TABLES } from "../../../src/entities/personal.ts";
import { Plan } from "../../../src/entities/plan.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { WaitlistEntry } from "../../../src/entities/waitlist-entry.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { anAttribute, anAttributeValue, aService } from "../../support/definitions.ts";
import {
  aContact,
  aLead,
  aLineItem,
  aMessage,
  aPlan,
  anAddress,
  anInvoice,
  aTechnician,
  aTicket,
  aWaitlistEntry,
  theSettings,
  withJob,
} from "../../support/factories.ts";
import { rounds } from "../../support/form.ts";
import { agent, type JobRow, makePipeline, type Pipeline } from "../../support/pipeline.ts";

/** The rows that a deletion of the customer takes along, one of each table. */
const ENTITIES = [
  ...[Contact, Address, Plan, Ticket, LineItem, Invoice, Message, Lead, WaitlistEntry, AttributeValue],
] as const;

/**
 * Nothing that a person reads or approves: `version` and `updated_at` move with every write, also where a value
 * returns; `created_at` never changes; the database assigns an invoice's number and the secret of its pay link, and a
 * visit's number, and none of them is what the row says.
 */
const NOT_COVERED: Record<string, string[]> = {
  every: ["id", "version", "created_at", "updated_at"],
  ticket: ["number", "visit_token"],
  waitlist_entry: ["offer_token"],
  invoice: ["number", "pay_token"],
};

interface Column {
  table: string;
  column: string;
  type: string;
  array: boolean;
  /** The table that it refers to. */
  refersTo: string | null;
}

const storage = getMetadataArgsStorage();
const tableOf = (target: unknown) => storage.tables.find((each) => each.target === target)?.name ?? "";

function columnsOf(entity: (typeof ENTITIES)[number]): Column[] {
  const table = tableOf(entity);
  return storage.filterColumns([entity, BusinessRecord]).map(({ propertyName: column, options }) => {
    const join = storage.joinColumns.find(({ target, name }) => target === entity && name === column);
    const relation = storage.relations.find(
      ({ target, propertyName }) => target === entity && propertyName === join?.propertyName,
    );
    const to = typeof relation?.type === "function" ? (relation.type as () => unknown)() : relation?.type; // No argument: not a class here.
    const refersTo = to === undefined ? null : to === "Invoice" ? "invoice" : tableOf(to);
    return { table, column, type: String(options.type), array: options.array === true, refersTo };
  });
}

const COLUMNS = ENTITIES.flatMap(columnsOf);
const isVolatile = ({ table, column }: Column) =>
  [...(NOT_COVERED["every"] ?? []), ...(NOT_COVERED[table] ?? [])].includes(column);

/** A merged customer cannot be found any more, so that nothing is asked again. */
const MERGED = COLUMNS.find(({ column }) => column === "merged_into_id") as Column; // A test below reads it.

/** SQL for another value of the column. */
function otherValue({ table, column, type, array, refersTo }: Column, spare: Record<string, string>): string {
  const name = `"${column}"`;
  if (refersTo !== null) return `'${spare[refersTo]}'`;
  if (array) return `array_append(${name}, 'changed')`;
  if (table === "attribute_value" && column === "value") return "to_jsonb(26)";
  const values: Record<string, string> = {
    text: `coalesce(${name}, '') || ' changed'`,
    boolean: `NOT ${name}`,
    integer: `coalesce(${name}, 0) + 1`,
    bigint: `coalesce(${name}, 0) + 1`,
    numeric: `coalesce(${name}, 0) + 1`,
    timestamptz: `coalesce(${name}, '2031-01-06T10:00Z') + interval '1 hour'`,
    date: `coalesce(${name}, '2031-01-06') + 1`,
    tstzrange: "tstzrange('2031-01-06T10:00Z', '2031-01-06T11:00Z')",
    jsonb: `jsonb_build_array(${name})`,
  };
  const value = values[type];
  if (value === undefined) throw new Error(`no other value for ${table}.${column}, which is ${type}`);
  return value;
}

describe("an approved deletion", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let customer: string;
  /** Rows of other customers, by table, to refer to. */
  let spare: Record<string, string>;
  /** The row of each table that goes with the customer. */
  let own: Record<string, string>;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
    await dropChecks(test);
    const ticket = await aTicket(test.db);
    spare = {
      contact: (await aContact(test.db)).id,
      ticket: ticket.id,
      plan: (await aPlan(test.db)).id,
      address: ticket.address_id ?? "",
      technician: (await aTechnician(test.db)).id,
      service: (await aService(test.db)).id,
      invoice: (await anInvoice(test.db)).id,
      lead: (await aLead(test.db)).id,
      attribute: (await anAttribute(test.db, { key: "spare" })).id,
    };
    customer = (await aContact(test.db, { name: "Johnson Family" })).id;
    own = await theirRows(test, customer);
  });
  afterAll(() => test.drop());

  const park = () => pipeline.ask(agent, "contact.delete", { id: customer });
  const write = (statement: string, parameters: unknown[]) =>
    withJob(test.db, (db) => rows(db, statement, parameters));
  const set = ({ table, column }: Column, value: string) =>
    write(`UPDATE ${table} SET "${column}" = ${value} WHERE id = $1`, [own[table]]);
  const imageOf = async ({ table }: Column) => {
    const [row] = await rows<{ image: object }>(
      test.db.manager,
      `SELECT to_jsonb(t) AS image FROM ${table} t WHERE id = $1`,
      [own[table]],
    );
    return JSON.stringify(row?.image);
  };
  const restore = ({ table, column }: Column, image: string) =>
    write(
      `UPDATE ${table} SET "${column}" = (jsonb_populate_record(NULL::${table}, $2))."${column}" WHERE id = $1`,
      [own[table], image],
    );
  const superseded = async (job: JobRow) => {
    const again = await pipeline.answer(job);
    expect(again).toMatchObject({ status: "authorization_required", auth_status: "pending" });
    expect(again.queue_id).not.toBe(job.queue_id);
    expect((await pipeline.question(job)).status).toBe("superseded");
    return again;
  };
  const deny = (job: JobRow) => pipeline.answer(job, { decision: "denied" });

  it("takes a row of every table with data of a customer along", async () => {
    const job = await park();
    const { changes } = (await pipeline.question(job)).preview;
    const gone = changes.filter(({ operation }) => operation === "delete").map(({ record }) => record);
    expect([...new Set(gone)].sort()).toEqual(PERSONAL_TABLES.map(({ table }) => table).sort());
    await deny(job);
  });

  it("is covered in every column that is not volatile", () => {
    const volatile = ENTITIES.map((entity) => [tableOf(entity), [...entity.volatile]]);
    expect({ every: VOLATILE, ...Object.fromEntries(volatile.filter(([, names]) => names?.length)) }).toEqual(
      NOT_COVERED,
    );
    expect(COLUMNS.length).toBeGreaterThan(100);
  });

  const covered = COLUMNS.filter((each) => each !== MERGED && !isVolatile(each));
  /** All in the long form, every third in the short one. */
  const tested = covered.filter((_, at) => at % rounds(3, 1) === 0);
  it.each(tested.map((each) => [`${each.table}.${each.column}`, each]))(
    "is asked again when %s has changed since",
    async (_, column) => {
      const job = await park();
      const before = await imageOf(column);
      await set(column, otherValue(column, spare));
      try {
        expect(await imageOf(column)).not.toBe(before);
        await deny(await superseded(job));
      } finally {
        await restore(column, before);
      }
    },
  );

  it("fails when the customer was merged into another one since", async () => {
    const job = await park();
    const before = await imageOf(MERGED);
    await set(MERGED, otherValue(MERGED, spare));
    expect(await pipeline.answer(job)).toMatchObject({ status: "failed", error: { code: "conflict" } });
    await restore(MERGED, before);
  });

  it("is asked again when the customer was shown under another name than the one that would go", async () => {
    await set({ table: "contact", column: "name" } as Column, "'zz test record'"); // All that `set` reads.
    const job = await park();
    expect(await pipeline.question(job)).toMatchObject({ title: "Delete customer: zz test record" });
    await set({ table: "contact", column: "name" } as Column, "'Johnson Family'"); // As above.
    const again = await superseded(job);
    const question = await pipeline.question(again);
    const deleted = { record: "contact", operation: "delete" };
    expect(question.title).toBe("Delete customer: Johnson Family");
    expect(question.moved).toEqual([
      {
        ...{ what: "change", name: "Johnson Family" },
        before: { ...deleted, before: { name: "zz test record" } },
        after: { ...deleted, before: { name: "Johnson Family" } },
      },
    ]);
    await deny(again);
  });

  it("runs when only volatile columns have changed", async () => {
    const job = await park();
    for (const column of COLUMNS.filter((each) => isVolatile(each) && each.column !== "id"))
      await set(column, otherValue(column, spare));
    expect(await pipeline.answer(job)).toMatchObject({ status: "completed", queue_id: job.queue_id });
  });
});

/** Checks and exclusions allow some columns only together. Without them each one is changed alone. */
async function dropChecks({ url }: TestDatabase): Promise<void> {
  const db = new pg.Client(url);
  await db.connect();
  const found = await db.query<{ statement: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS statement
     FROM pg_constraint WHERE contype IN ('c', 'x') AND connamespace = 'public'::regnamespace`,
  );
  for (const { statement } of found.rows) await db.query(statement);
  await db.end();
}

/** One row of every table with data of the customer. */
async function theirRows({ db }: TestDatabase, customer_id: string): Promise<Record<string, string>> {
  const address = await anAddress(db, { contact_id: customer_id });
  const ticket = await aTicket(db, { customer_id, address_id: address.id });
  const attribute_id = (await anAttribute(db)).id;
  return {
    contact: customer_id,
    address: address.id,
    ticket: ticket.id,
    line_item: (await aLineItem(db, { ticket_id: ticket.id })).id,
    invoice: (await anInvoice(db, { customer_id, status: "draft" })).id,
    message: (await aMessage(db, { customer_id, status: "sent" })).id,
    lead: (await aLead(db, { customer_id, status: "qualified" })).id,
    plan: (await aPlan(db, { customer_id })).id,
    waitlist_entry: (await aWaitlistEntry(db, { customer_id })).id,
    attribute_value: (await anAttributeValue(db, { attribute_id, contact_id: customer_id })).id,
  };
}

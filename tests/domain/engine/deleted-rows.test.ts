import pg from "pg";
import { rows } from "../../../src/database/sql.ts";
import { VOLATILE } from "../../../src/entities/columns.ts";
import { PERSONAL_TABLES } from "../../../src/entities/personal.ts";
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
import {
  type Column,
  COLUMNS,
  ENTITIES,
  isVolatile,
  MERGED,
  NOT_COVERED,
  otherValue,
  tableOf,
} from "./customer-columns.ts";
import { agent, type JobRow, makePipeline, type Pipeline } from "../../support/pipeline.ts";

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

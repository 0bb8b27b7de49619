import { newId } from "../../src/domain/core/ids.ts";
import { BusinessRecord } from "../../src/entities/columns.ts";
import { Contact } from "../../src/entities/contact.ts";
import { rows } from "../../src/database/sql.ts";
import { Change } from "../../src/entities/change.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aHoliday, anAttribute, anAttributeValue, aService, aTemplate } from "../support/definitions.ts";
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
} from "../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../support/pipeline.ts";

const GUARDED = [
  "contact",
  "address",
  "ticket",
  "line_item",
  "invoice",
  "technician",
  "settings",
  "message",
  "service",
  "lead",
  "waitlist_entry",
  "plan",
  "attribute",
  "attribute_value",
  "template",
  "holiday",
];
const NO_JOB = { code: "CS001" };
const NOT_GRANTED = { code: "42501" };

describe("the database itself", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
    await aLineItem(test.db);
    await aMessage(test.db);
    await aPlan(test.db);
    await aTemplate(test.db);
    await aTechnician(test.db);
    await anAddress(test.db);
    await anInvoice(test.db, { status: "open" });
    await aTicket(test.db);
    await aContact(test.db);
    await aService(test.db);
    await aLead(test.db);
    await aWaitlistEntry(test.db);
    await aTemplate(test.db);
    await aHoliday(test.db);
    await anAttributeValue(test.db);
    await anAttribute(test.db, { id: another.attribute_id, key: "without_values" });
  });
  afterAll(() => test.drop());

  /** What is unique is another one; columns that a table lacks do not count. */
  const another = {
    id: "another",
    number: 999_999,
    name: "another",
    key: "another",
    visit_token: "another",
    offer_token: "another",
    date: "2099-12-31",
    attribute_id: newId("attribute"),
  };
  const sql = (text: string, parameters: unknown[] = []) => rows(test.db.manager, text, parameters);

  it("has a trigger on every table of business records, and gives connections the role countersign_app", async () => {
    const records = test.db.entityMetadatas.filter(
      ({ target }) => typeof target === "function" && target.prototype instanceof BusinessRecord,
    );
    const guarded = await rows<{ table: string }>(
      test.db.manager,
      `SELECT tgrelid::regclass::text AS "table" FROM pg_trigger
       WHERE tgname = tgrelid::regclass::text || '_change' AND tgenabled = 'O'`,
    );
    expect(guarded.map(({ table }) => table).sort()).toEqual(
      records.map(({ tableName }) => tableName).sort(),
    );
    expect([...GUARDED].sort()).toEqual(records.map(({ tableName }) => tableName).sort());
    expect(await sql("SELECT current_user AS role, session_user <> current_user AS other")).toEqual([
      { role: "countersign_app", other: true },
    ]);
  });

  describe.each(GUARDED)("refuses that %s", (table) => {
    /** A row that nothing refers to, so that nothing but the guard stands in the way. */
    const loose = `(SELECT id FROM ${table} ORDER BY id DESC LIMIT 1)`;
    const copy = `INSERT INTO ${table} SELECT (jsonb_populate_record(t, $1)).* FROM ${table} t LIMIT 1`;

    const writes: [string, string, unknown[]][] = [
      ["updated", `UPDATE ${table} SET version = version + 1`, []],
      ["deleted", `DELETE FROM ${table} WHERE id = ${loose}`, []],
      ["inserted", copy, [{ ...another, ...(table === "ticket" && { status: "unscheduled" }) }]],
    ];
    // There is only one row of settings.
    it.each(writes.slice(0, table === "settings" ? 2 : 3))(
      "is %s outside a job",
      async (_what, write, parameters) => {
        await expect(sql(write, parameters)).rejects.toMatchObject(NO_JOB);
      },
    );

    it("is truncated, even by the owner of the tables", async () => {
      await expect(sql(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject(NOT_GRANTED);
      await expect(asOwner(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject(NO_JOB);
    });
  });

  /** With every right that migrations have. */
  const asOwner = (text: string) =>
    test.db.transaction(async (db) => {
      await db.query("SET LOCAL ROLE NONE");
      await db.query(text);
    });

  describe("rejects a write under", () => {
    const contactUnder = (jobId: string) =>
      test.db.transaction(async (db) => {
        await rows(db, "SELECT set_config('countersign.job_id', $1, true)", [jobId]);
        await db.insert(Contact, { id: newId("contact"), name: "Smuggled" });
      });

    it("a job that nobody has claimed", async () => {
      await expect(
        contactUnder(await pipeline.submit(agent, "contact.create", { name: "A" })),
      ).rejects.toMatchObject(NO_JOB);
    });

    it("a job that another transaction has claimed", async () => {
      const id = await pipeline.submit(agent, "contact.create", { name: "A" });
      await test.db.transaction(async (db) => {
        await rows(db, "UPDATE job SET xid = pg_current_xact_id()::text WHERE id = $1", [id]);
        await expect(contactUnder(id)).rejects.toMatchObject(NO_JOB);
      });
      await expect(contactUnder(id)).rejects.toMatchObject(NO_JOB); // Nor one that it held.
    });

    it("a job that has ended, even in the transaction that ended it", async () => {
      const ended = pipeline.ask(agent, "contact.create", { name: "A" });
      await expect(contactUnder((await ended).id)).rejects.toMatchObject(NO_JOB);
      const after = test.db.transaction(async (db) => {
        const id = await pipeline.submit(agent, "contact.create", { name: "A" });
        await rows(
          db,
          `UPDATE job SET xid = pg_current_xact_id()::text, status = 'completed', finished_at = now() WHERE id = $1
           RETURNING set_config('countersign.job_id', id, true)`,
          [id],
        );
        await db.insert(Contact, { id: newId("contact"), name: "Late" });
      });
      await expect(after).rejects.toMatchObject(NO_JOB);
    });

    it("a claim of an earlier transaction on the same connection", async () => {
      const runner = test.db.createQueryRunner();
      try {
        const id = await pipeline.submit(agent, "contact.create", { name: "A" });
        await runner.startTransaction();
        await rows(
          runner.manager,
          `UPDATE job SET xid = pg_current_xact_id()::text WHERE id = $1
           RETURNING set_config('countersign.job_id', id, true)`,
          [id],
        );
        await runner.manager.insert(Contact, { id: newId("contact"), name: "Fine" });
        await runner.commitTransaction();
        const late = runner.manager.insert(Contact, { id: newId("contact"), name: "Late" });
        await expect(late).rejects.toMatchObject(NO_JOB);
      } finally {
        await runner.release();
      }
    });
  });

  it("records every row that a delete cascades to, parents first, with its values before", async () => {
    const contact = await aContact(test.db);
    const address = await anAddress(test.db, { contact_id: contact.id });
    const ticket = await aTicket(test.db, { customer_id: contact.id, address_id: address.id });
    const line = await aLineItem(test.db, { ticket_id: ticket.id, total_cents: 4_500 });
    const duplicate = { merged_into_id: contact.id, archived_at: new Date() };
    const merged = await aContact(test.db, duplicate);
    const invoice = await anInvoice(test.db, { customer_id: contact.id, status: "open" });
    const job = await withJob(test.db, async (db) => {
      await db.delete(Contact, contact.id);
      const [claimed] = await rows<{ id: string }>(db, "SELECT current_setting('countersign.job_id') AS id");
      return claimed?.id ?? "";
    });
    const changes = await test.db.manager.find(Change, { where: { job_id: job }, order: { id: "ASC" } });
    const gone = changes.filter(({ operation }) => operation === "delete");
    const ids = gone.map(({ record_id }) => record_id);
    expect(ids.filter((id) => id !== merged.id)).toEqual([contact.id, address.id, ticket.id, line.id]);
    expect(ids).toContain(merged.id);
    expect(gone.every(({ after }) => after === null)).toBe(true);
    expect(gone.find(({ record_id }) => record_id === line.id)?.before).toMatchObject({
      ticket_id: ticket.id,
      total_cents: 4_500,
    });
    const touched = changes.filter(({ operation }) => operation === "update");
    expect(touched.map(({ record_id, after }) => [record_id, after?.["customer_id"] ?? null])).toContainEqual(
      [invoice.id, null],
    );
  });
});

import { rows } from "../../src/database/sql.ts";
import { PERSONAL_TABLES } from "../../src/entities/personal.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

/** Foreign keys to tables with personal data that make no row a customer's: the row is theirs by another column. */
const BY_ANOTHER_COLUMN = [
  "plan.address_id → address",
  "ticket.plan_id → plan",
  "ticket.address_id → address",
  "ticket.rescheduled_from_id → ticket",
  "invoice.ticket_id → ticket",
  "waitlist_entry.address_id → address",
  "waitlist_entry.booked_ticket_id → ticket",
  "waitlist_entry.ticket_id → ticket",
];
/** A finalized invoice is kept as it was, lines included. */
const KEPT = ["line_item.invoice_id → invoice"];

describe("the list of personal data", () => {
  it("contains every foreign key that leads to a customer", async () => {
    const keys = await rows<{ key: string }>(
      test.db.manager,
      `SELECT format('%s.%s → %s', conrelid::regclass, attname, confrelid::regclass) AS key
       FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
       WHERE contype = 'f' AND confrelid = ANY($1::regclass[])`,
      [PERSONAL_TABLES.map(({ table }) => table)],
    );
    const declared = PERSONAL_TABLES.flatMap(({ table, owners }) =>
      Object.entries(owners).map(([column, owner]) => `${table}.${column} → ${owner}`),
    );
    expect(keys.map(({ key }) => key).sort()).toEqual([...declared, ...BY_ANOTHER_COLUMN, ...KEPT].sort());
  });

  it("lists each table after its owners", () => {
    const tables = PERSONAL_TABLES.map(({ table }) => table);
    for (const [at, { owners }] of PERSONAL_TABLES.entries())
      for (const owner of Object.values(owners)) expect(tables.slice(0, at + 1)).toContain(owner);
  });

  it("equals the table that the SQL functions of erasure and export read", async () => {
    const known = await rows(
      test.db.manager,
      "SELECT table_name, owners, blank FROM personal_data ORDER BY place",
    );
    expect(known).toEqual(
      PERSONAL_TABLES.map(({ table, owners, erased }) => ({
        table_name: table,
        owners: Object.keys(owners),
        blank: erased === "delete" ? null : erased,
      })),
    );
  });
});

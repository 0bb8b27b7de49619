import type { DataSource, EntityManager } from "typeorm";
import { notFound } from "../../domain/core/errors.ts";
import { rows } from "../../database/sql.ts";

type Row = Record<string, unknown>;

/** Everything stored about one customer, grouped by table. */
export interface ContactFile {
  contact_id: string;
  written_at: string;
  /** The records as they are now: contact, address, ticket, line_item, lead … */
  records: Record<string, Row[]>;
  /** Jobs that concern the customer, with input and result. */
  jobs: Row[];
  authorizations: Row[];
  /** Every change of these records, before and after; includes deleted records. */
  changes: Row[];
}

/** Everything stored about one customer. Throws `not_found` if the id is unknown. */
export async function contactFile(db: DataSource, id: string, now = new Date()): Promise<ContactFile> {
  return db.transaction("REPEATABLE READ", async (snapshot) => {
    await snapshot.query("SET TRANSACTION READ ONLY");
    const known = await rows<{ table_name: string; record_id: string; lives: boolean }>(
      snapshot,
      "SELECT * FROM records_of_contact($1)",
      [id],
    );
    if (known.length === 0) throw notFound("contact", id);
    const ids = known.map(({ record_id }) => record_id);
    const tables = [...new Set(known.filter(({ lives }) => lives).map(({ table_name }) => table_name))];
    const records: ContactFile["records"] = {};
    for (const table of tables)
      records[table] = await all(snapshot, `SELECT * FROM "${table}" WHERE id = ANY($1)`, ids);
    return {
      contact_id: id,
      written_at: now.toISOString(),
      records,
      jobs: await all(
        snapshot,
        `SELECT id, action, input, reasoning, dry_run, principal_name, status, result, error, created_at, finished_at
         FROM job WHERE id IN (SELECT jobs_of_records($1))`,
        ids,
      ),
      authorizations: await all(
        snapshot,
        `SELECT id, job_id, status, title, reason, facts, preview, data, decided_by_name, decided_at, note, created_at
         FROM "authorization" WHERE job_id IN (SELECT jobs_of_records($1))`,
        ids,
      ),
      changes: await all(
        snapshot,
        "SELECT id, job_id, table_name, record_id, operation, before, after, at FROM change WHERE record_id = ANY($1)",
        ids,
      ),
    };
  });
}

const all = (snapshot: EntityManager, query: string, ids: string[]): Promise<Row[]> =>
  rows(snapshot, `${query} ORDER BY id`, [ids]);

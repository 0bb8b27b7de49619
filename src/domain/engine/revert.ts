import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { canonical } from "../core/canonical.ts";
import { conflict, type CrmError } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import type { ReversedRow } from "../core/reversal.ts";
import { type ChangeRow, netChanges, recordClass } from "./preview.ts";

export interface TableRow extends ReversedRow {
  table: string;
}

/** What reverting a job's changes would write, one entry per row. */
export async function reversedRows(db: EntityManager, jobId: string): Promise<TableRow[]> {
  const written = await rows<ChangeRow>(
    db,
    "SELECT table_name, record_id, operation, before, after FROM change WHERE job_id = $1 ORDER BY id",
    [jobId],
  );
  return netChanges(written).map(({ table_name, record_id, before, after }) => ({
    table: table_name,
    id: record_id,
    from: after,
    to: before,
  }));
}

/** The job that wrote a record last, other than `except`. */
export async function lastJobOn(db: EntityManager, record: string, except = ""): Promise<string | null> {
  const [last] = await rows<{ job_id: string }>(
    db,
    "SELECT job_id FROM change WHERE table_name = $1 AND record_id = $2 AND job_id <> $3 ORDER BY id DESC LIMIT 1",
    [prefixOf(record), record, except],
  );
  return last?.job_id ?? null;
}

interface Written {
  id: number;
  table_name: string;
  record_id: string;
  operation: "insert" | "update" | "delete";
}

interface Image {
  table_name: string;
  record_id: string;
  before: unknown;
  after: unknown;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Reverts every row that a job wrote, newest first, in SQL, so that each value returns byte for byte. Refuses with
 * `conflict` where a row is no longer as the job left it, or where reverting it would touch rows that the job did not.
 * Returns the number of rows restored, and the ids of messages that have gone out and stay.
 */
export async function revertChanges(
  db: EntityManager,
  jobId: string,
  undoJobId: string,
): Promise<{ records: number; sent: string[] }> {
  const written = await rows<Written>(
    db,
    "SELECT id, table_name, record_id, operation FROM change WHERE job_id = $1 ORDER BY id DESC",
    [jobId],
  );
  await db.query("SET CONSTRAINTS ALL DEFERRED"); // Parents and children are restored in any order.
  const sent: string[] = [];
  for (const change of written) {
    if (await restore(db, change)) continue;
    if (!(await wasSent(db, change))) throw await changedSince(db, change, jobId);
    sent.push(change.record_id);
  }
  await db.query("SET CONSTRAINTS ALL IMMEDIATE");
  await checkExactInverse(db, jobId, undoJobId);
  return { records: written.length - sent.length, sent };
}

/** Restores one row. False where it is no longer as the job left it. */
async function restore(db: EntityManager, { id, table_name, operation }: Written): Promise<boolean> {
  const table = quoted(table_name);
  const statement = {
    insert: () =>
      `DELETE FROM ${table} t USING change c WHERE c.id = $1 AND t.id = c.record_id AND to_jsonb(t) = c.after`,
    update: () => {
      const columns = db.dataSource.entityMetadatas
        .find((metadata) => metadata.tableName === table_name)
        ?.columns.map(({ databaseName }) => quoted(databaseName));
      return `UPDATE ${table} t SET (${columns}) = (SELECT ${columns} FROM jsonb_populate_record(NULL::${table}, c.before))
        FROM change c WHERE c.id = $1 AND t.id = c.record_id AND to_jsonb(t) = c.after`;
    },
    delete: () => `INSERT INTO ${table} OVERRIDING SYSTEM VALUE
        SELECT r.* FROM change c CROSS JOIN LATERAL jsonb_populate_record(NULL::${table}, c.before) r
        WHERE c.id = $1 AND NOT EXISTS (SELECT FROM ${table} WHERE id = c.record_id)`,
  }[operation]();
  const restored = await rows<{ id: string }>(db, `${statement} RETURNING 1`, [id]);
  return restored.length === 1;
}

/** Whether the row is an outgoing message that was sent since the job. It is left in place; an unsent one is deleted. */
async function wasSent(db: EntityManager, { id, table_name, operation }: Written): Promise<boolean> {
  if (operation !== "insert") return false;
  const [row] = await rows<{ after: object }>(db, "SELECT after FROM change WHERE id = $1", [id]);
  return recordClass(db, table_name).outgoing(row?.after as never) !== null; // Its table's row.
}

async function changedSince(
  db: EntityManager,
  { id, table_name, record_id }: Written,
  jobId: string,
): Promise<CrmError> {
  const [row] = await rows<{ left: Record<string, unknown> | null; now: Record<string, unknown> | null }>(
    db,
    `SELECT c.after AS left, (SELECT to_jsonb(t) FROM ${quoted(table_name)} t WHERE t.id = c.record_id) AS now
     FROM change c WHERE c.id = $1`,
    [id],
  );
  const { left = null, now = null } = row ?? {};
  const columns = Object.keys({ ...left, ...now });
  const difference = columns
    .filter((column) => canonical(left?.[column] ?? null) !== canonical(now?.[column] ?? null))
    .map((column) => ({ column, left_as: left?.[column] ?? null, now: now?.[column] ?? null }));
  const later = await lastJobOn(db, record_id, jobId);
  return conflict(
    `${record_id} has changed since that job${later ? `: ${later} wrote it last` : ""}.`,
    "Undo the later jobs first, or correct the record with an update.",
    { record: record_id, ...(later && { job_id: later }), difference },
  );
}

/** Checks that the undo wrote the exact inverse and nothing else: no cascade into rows that other jobs added. */
async function checkExactInverse(db: EntityManager, jobId: string, undoJobId: string): Promise<void> {
  const images = (job: string) =>
    rows<Image>(
      db,
      `SELECT table_name, record_id, (array_agg(before ORDER BY id))[1] AS before,
         (array_agg(after ORDER BY id DESC))[1] AS after
       FROM change WHERE job_id = $1 GROUP BY table_name, record_id ORDER BY table_name, record_id`,
      [job],
    );
  const done = (await images(jobId)).map(({ before, after, ...row }) => ({
    ...row,
    before: after,
    after: before,
  }));
  const undone = await images(undoJobId);
  const expected = new Set(done.map((image) => canonical(image)));
  const unexpected = undone.filter((image) => !expected.has(canonical(image)));
  if (unexpected.length === 0) return;
  const records = unexpected.map(({ record_id }) => record_id);
  const later: (string | null)[] = [];
  for (const record of records.slice(0, 5)) later.push(await lastJobOn(db, record, undoJobId));
  throw conflict(
    `Undoing this would also change ${records.slice(0, 5).join(", ")}, which later jobs wrote.`,
    "Undo the later jobs first, starting with the newest.",
    { records, job_ids: [...new Set(later.filter((job) => job !== null))] },
  );
}

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

/** What reverting a job's changes would write, one entry per row. What was sent since stays, so it is left out. */
export async function reversedRows(db: EntityManager, jobId: string): Promise<TableRow[]> {
  const sent = new Set(await sentSince(db, jobId));
  const written = await rows<ChangeRow>(
    db,
    "SELECT table_name, record_id, operation, before, after FROM change WHERE job_id = $1 ORDER BY id",
    [jobId],
  );
  return netChanges(written)
    .filter(({ record_id }) => !sent.has(record_id))
    .map(({ table_name, record_id, before, after }) => ({
      table: table_name,
      id: record_id,
      from: after,
      to: before,
    }));
}

/** The outgoing messages of a job that are no longer as it wrote them: they were sent, or are being sent. */
async function sentSince(db: EntityManager, jobId: string): Promise<string[]> {
  const written = await rows<ChangeRow & Written>(
    db,
    "SELECT id, table_name, record_id, operation, after FROM change WHERE job_id = $1 AND operation = 'insert' ORDER BY id",
    [jobId],
  );
  const sent: string[] = [];
  for (const { id, table_name, record_id, after } of written) {
    if (!isOutgoing(db, table_name, after)) continue;
    const [same] = await rows(
      db,
      `SELECT FROM ${quoted(table_name)} t JOIN change c ON t.id = c.record_id WHERE c.id = $1 AND ${AS_LEFT}`,
      [id],
    );
    if (!same) sent.push(record_id);
  }
  return sent;
}

const isOutgoing = (db: EntityManager, table: string, row: ChangeRow["after"]): boolean =>
  recordClass(db, table).outgoing(row as never) !== null; // Its table's row.

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

type Image = Pick<ChangeRow, "table_name" | "record_id" | "before" | "after">;

/** Whether two images of a row agree in the columns that both have: a migration may have added or dropped some. */
function isSame(one: ChangeRow["after"], other: ChangeRow["after"]): boolean {
  if (!one || !other) return one === other;
  return Object.keys(one).every(
    (column) => !(column in other) || canonical(one[column]) === canonical(other[column]),
  );
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Whether row `t` is as change `c` left it. Columns that were added to the table since are not in its image. */
const AS_LEFT = "to_jsonb(jsonb_populate_record(t, c.after)) = to_jsonb(t)";

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
  const sent: string[] = [];
  const columnsOf = makeColumns(db);
  await db.query("SET CONSTRAINTS ALL DEFERRED"); // Parents and children are restored in any order.
  for (const change of written) {
    if (await restore(db, change, await columnsOf(change))) continue;
    if (!(await wasSent(db, change))) throw await changedSince(db, change, jobId);
    sent.push(change.record_id);
  }
  await db.query("SET CONSTRAINTS ALL IMMEDIATE");
  await checkExactInverse(db, jobId, undoJobId);
  return { records: written.length - sent.length, sent };
}

/**
 * The columns that a job's images have and the table has still. Those of one table are the same in all images of a job,
 * which ran in one transaction. A generated column restores itself.
 */
function makeColumns(db: EntityManager): (change: Written) => Promise<string> {
  const known = new Map<string, string>();
  return async ({ id, table_name }) => {
    const earlier = known.get(table_name);
    if (earlier !== undefined) return earlier;
    const found = await rows<{ name: string }>(
      db,
      `SELECT key AS name FROM change c, jsonb_object_keys(coalesce(c.before, c.after)) key WHERE c.id = $1 AND key IN (
         SELECT attname FROM pg_attribute
         WHERE attrelid = $2::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '')`,
      [id, quoted(table_name)],
    );
    const columns = found.map(({ name }) => quoted(name)).join(", ");
    known.set(table_name, columns);
    return columns;
  };
}

/** Restores one row. False where it is no longer as the job left it. A column that is newer than the job keeps its value. */
async function restore(
  db: EntityManager,
  { id, table_name, operation }: Written,
  columns: string,
): Promise<boolean> {
  const table = quoted(table_name);
  const statement = {
    insert: () =>
      `DELETE FROM ${table} t USING change c WHERE c.id = $1 AND t.id = c.record_id AND ${AS_LEFT}`,
    update:
      () => `UPDATE ${table} t SET (${columns}) = (SELECT ${columns} FROM jsonb_populate_record(t, c.before))
        FROM change c WHERE c.id = $1 AND t.id = c.record_id AND ${AS_LEFT}`,
    delete: () => `INSERT INTO ${table} (${columns}) OVERRIDING SYSTEM VALUE
        SELECT ${columns} FROM jsonb_populate_record(NULL::${table}, (SELECT before FROM change WHERE id = $1))
        WHERE NOT EXISTS (SELECT FROM ${table} t JOIN change c ON t.id = c.record_id WHERE c.id = $1)`,
  }[operation]();
  const restored = await rows<{ id: string }>(db, `${statement} RETURNING 1`, [id]);
  return restored.length === 1;
}

/** Whether the row is an outgoing message that was sent since the job. It is left in place; an unsent one is deleted. */
async function wasSent(db: EntityManager, { id, table_name, operation }: Written): Promise<boolean> {
  if (operation !== "insert") return false;
  const [row] = await rows<Pick<ChangeRow, "after">>(db, "SELECT after FROM change WHERE id = $1", [id]);
  return isOutgoing(db, table_name, row?.after ?? null);
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
  const columns = Object.keys(left ?? now ?? {}); // Columns that are newer than the job are none of its business.
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
  const key = ({ table_name, record_id }: Image) => `${table_name} ${record_id}`;
  const done = new Map((await images(jobId)).map((image) => [key(image), image]));
  const unexpected = (await images(undoJobId)).filter((image) => {
    const job = done.get(key(image));
    return !job || !isSame(image.before, job.after) || !isSame(image.after, job.before);
  });
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

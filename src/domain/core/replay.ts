import type { EntityManager } from "typeorm";
import { rows } from "../../entities/database.ts";
import { canonical } from "./canonical.ts";
import { conflict, type CrmError } from "./errors.ts";
import { recordClass } from "./preview.ts";

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
 * Takes back every row that a job wrote, newest first, in SQL, so that each value returns byte for byte. Refuses with
 * `conflict` where a row is no longer as the job left it, or where taking it back would touch rows the job did not.
 * Returns how many rows it restored.
 */
export async function takeBack(db: EntityManager, jobId: string, undoJobId: string): Promise<number> {
  const written = await rows<Written>(
    db,
    "SELECT id, table_name, record_id, operation FROM change WHERE job_id = $1 ORDER BY id DESC",
    [jobId],
  );
  await db.query("SET CONSTRAINTS ALL DEFERRED"); // Parents and children return in any order.
  for (const change of written) {
    if ((await restore(db, change)) || (await hasGoneOut(db, change))) continue;
    throw await movedOn(db, change);
  }
  await db.query("SET CONSTRAINTS ALL IMMEDIATE");
  await mustBeExactly(db, jobId, undoJobId);
  return written.length;
}

/** Whether the row was as the job left it, and is now as it was before. */
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

/** What was sent stays sent; what still waited was taken away with the rest. */
async function hasGoneOut(db: EntityManager, { id, table_name, operation }: Written): Promise<boolean> {
  if (operation !== "insert") return false;
  const [row] = await rows<{ after: object }>(db, "SELECT after FROM change WHERE id = $1", [id]);
  return recordClass(db, table_name).outgoing(row?.after as never) !== null; // Its table's own row.
}

async function movedOn(db: EntityManager, { id, table_name, record_id }: Written): Promise<CrmError> {
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
  return conflict(
    `${record_id} has changed since: it is not as that job left it.`,
    "Undo the later jobs first, or correct the record with an update.",
    { record: record_id, difference },
  );
}

/** What the undo wrote must be the exact inverse, and nothing beside it: no cascade into rows that others added. */
async function mustBeExactly(db: EntityManager, jobId: string, undoJobId: string): Promise<void> {
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
  const known = new Set(done.map((image) => canonical(image)));
  const beside = undone.filter((image) => !known.has(canonical(image)));
  if (beside.length === 0) return;
  const records = beside.map(({ record_id }) => record_id);
  throw conflict(
    `Taking this back would also touch ${records.slice(0, 5).join(", ")}, which came later.`,
    "Undo the later jobs first, the newest one before the others.",
    { records },
  );
}

import type { DeepPartial, EntityManager, EntityMetadata, EntityTarget } from "typeorm";
import type { BusinessRecord } from "../../entities/columns.ts";
import { prepared, rows, type Prepared } from "../../database/sql.ts";
import type { Context } from "./action.ts";
import { conflict, notFound } from "./errors.ts";
import { type IdPrefix, newId } from "./ids.ts";

type Row = Record<string, unknown>;

const quoted = (name: string): string => `"${name}"`;
const columnsOf = ({ columns }: EntityMetadata): string =>
  columns.map(({ databaseName }) => quoted(databaseName)).join(", ");

/** Converts a row to an entity. Columns and properties have the same names. */
const recordOf = <R extends BusinessRecord>(metadata: EntityMetadata, row: Row): R =>
  Object.assign(metadata.create() as R, row); // The class that R stands for.

/** Prepared statements by text; they differ by table and by the columns they write. */
const statements = new Map<string, Prepared>();
const MOST_STATEMENTS = 200; // Each costs memory on every connection. Further statements are not prepared.

function statementFor(text: string): Prepared | string {
  const known = statements.get(text);
  if (known || statements.size >= MOST_STATEMENTS) return known ?? text;
  const statement = prepared(text);
  statements.set(text, statement);
  return statement;
}

/**
 * Row lock of a read. FOR UPDATE blocks all others, FOR NO KEY UPDATE still allows references to the row, and
 * FOR KEY SHARE also allows updates that leave the key unchanged.
 */
type Lock = "" | "FOR UPDATE" | "FOR NO KEY UPDATE" | "FOR KEY SHARE";

/** One record by its id, with the lock held until the transaction ends; undefined if there is none. */
export async function readById<R extends BusinessRecord>(
  db: EntityManager,
  type: EntityTarget<R>,
  { id, lock = "" }: { id: string; lock?: Lock },
): Promise<R | undefined> {
  const metadata = db.dataSource.getMetadata(type);
  const from = `FROM ${quoted(metadata.tableName)} WHERE id = $1 ${lock}`;
  const [row] = await rows<Row>(db, statementFor(`SELECT ${columnsOf(metadata)} ${from}`), [id]);
  return row && recordOf(metadata, row);
}

/** Reads one record for an update. The row stays locked until the transaction ends. */
export async function findOrFail<R extends BusinessRecord>(
  db: EntityManager,
  type: EntityTarget<R>,
  id: string,
): Promise<R> {
  const metadata = db.dataSource.getMetadata(type);
  const record = await readById(db, type, { id, lock: "FOR UPDATE" });
  if (!record) throw notFound(metadata.tableName, id);
  return unlessMerged(metadata, record);
}

/** Refuses a duplicate that was merged into another record. */
export function unlessMerged<R extends BusinessRecord>(metadata: EntityMetadata, record: R): R {
  const kept = "merged_into_id" in record ? record.merged_into_id : null;
  if (typeof kept !== "string") return record;
  throw conflict(
    `The ${metadata.tableName} ${record.id} was merged into ${kept}.`,
    `Use ${kept} instead; it has everything that belonged to the duplicate.`,
    { merged_into_id: kept },
  );
}

/** Inserts a record with a new id. Returns the stored row, including defaults. */
export async function insert<R extends BusinessRecord>(
  { db, now }: Context,
  type: EntityTarget<R>,
  values: DeepPartial<NoInfer<R>>,
): Promise<R> {
  const metadata = db.dataSource.getMetadata(type);
  const id = newId(metadata.tableName as IdPrefix); // The prefix is the table name.
  const { columns, parameters } = written(db, metadata, { ...values, id, created_at: now, updated_at: now });
  const [row] = await rows<Row>(
    db,
    statementFor(
      `INSERT INTO ${quoted(metadata.tableName)} (${columns})
       VALUES (${parameters.map((_, at) => `$${at + 1}`)}) RETURNING ${columnsOf(metadata)}`,
    ),
    parameters,
  );
  return recordOf(metadata, row ?? {});
}

/** Updates a record that `findOrFail` locked and increments its version. Returns the stored row. */
export async function update<R extends BusinessRecord>(
  { db, now }: Context,
  record: R,
  values: DeepPartial<NoInfer<R>>,
): Promise<R> {
  const { id, version } = record;
  const metadata = db.dataSource.getMetadata(record.constructor); // The entity's class; throws for a plain object.
  const { tableName } = metadata;
  const { columns, parameters } = written(db, metadata, {
    ...values,
    version: version + 1,
    updated_at: now,
  });
  const [row] = await rows<Row>(
    db,
    statementFor(
      `UPDATE ${quoted(tableName)} SET ${columns.map((column, at) => `${column} = $${at + 3}`)}
       WHERE id = $1 AND version = $2 RETURNING ${columnsOf(metadata)}`,
    ),
    [id, version, ...parameters],
  );
  if (!row) throw staleVersion(tableName, id, version);
  return recordOf(metadata, row);
}

/** The columns and bound parameters of the given values; undefined ones are left out. */
function written(db: EntityManager, metadata: EntityMetadata, values: object) {
  const given = Object.entries(values).filter(([, value]: [string, unknown]) => value !== undefined);
  return {
    columns: given.map(([name]) => quoted(name)),
    parameters: given.map(([name, value]) => {
      const column = metadata.findColumnWithPropertyName(name);
      if (!column) throw new Error(`${metadata.tableName} has no column ${name}`);
      return db.dataSource.driver.preparePersistentValue(value, column) as unknown;
    }),
  };
}

/** Optimistic lock: refuses if the caller names a version and the record has another. */
export function expectVersion(type: string, record: BusinessRecord, expected: number | undefined): void {
  if (expected !== undefined && expected !== record.version)
    throw staleVersion(type, record.id, record.version);
}

const staleVersion = (type: string, id: string, version: number) =>
  conflict(
    `The ${type} ${id} has changed since you read it; it is at version ${version} now.`,
    "Read it again, then repeat the change.",
    {
      version,
    },
  );
/**
 * Reads one record that a new row will refer to. It cannot be deleted until the transaction ends; others may refer to
 * it too. Takes the foreign key's own lock early, so that a missing record is `not_found`.
 */
export async function findForReference<R extends BusinessRecord>(
  db: EntityManager,
  type: EntityTarget<R>,
  id: string,
): Promise<R> {
  const record = await readById(db, type, { id, lock: "FOR KEY SHARE" });
  const metadata = db.dataSource.getMetadata(type);
  if (!record) throw notFound(metadata.tableName, id);
  return unlessMerged(metadata, record);
}

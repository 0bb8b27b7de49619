import type { DeepPartial, EntityManager, EntityMetadata, EntityTarget } from "typeorm";
import type { BusinessRecord } from "../../entities/columns.ts";
import { type Prepared, prepared, rows } from "../../entities/database.ts";
import type { Context } from "./context.ts";
import { conflict, notFound } from "./errors.ts";
import { type IdPrefix, newId } from "./ids.ts";

type Row = Record<string, unknown>;

const quoted = (name: string): string => `"${name}"`;
const columnsOf = ({ columns }: EntityMetadata): string =>
  columns.map(({ databaseName }) => quoted(databaseName)).join(", ");

/** A row as the record it is: column and property have one name. */
const recordOf = <R extends BusinessRecord>(metadata: EntityMetadata, row: Row): R =>
  Object.assign(metadata.create() as R, row); // The class that R stands for.

/** Statements that differ by the columns they write. */
const statements = new Map<string, Prepared>();
const MOST_STATEMENTS = 200; // Each costs memory on every connection; beyond, they are parsed as they come.

function statementFor(text: string): Prepared | string {
  const known = statements.get(text);
  if (known || statements.size >= MOST_STATEMENTS) return known ?? text;
  const statement = prepared(text);
  statements.set(text, statement);
  return statement;
}

/** What others may do meanwhile with a row that is read: anything; nothing; refer to it; change it, but for its key. */
type Lock = "" | "FOR UPDATE" | "FOR NO KEY UPDATE" | "FOR KEY SHARE";

/** One record by its id, locked until the transaction ends; undefined where there is none. */
export async function readById<R extends BusinessRecord>(
  db: EntityManager,
  type: EntityTarget<R>,
  id: string,
  lock: Lock = "",
): Promise<R | undefined> {
  const metadata = db.dataSource.getMetadata(type);
  const from = `FROM ${quoted(metadata.tableName)} WHERE id = $1 ${lock}`;
  const [row] = await rows<Row>(db, statementFor(`SELECT ${columnsOf(metadata)} ${from}`), [id]);
  return row && recordOf(metadata, row);
}

/** Reads one record in order to change it: the row stays locked until the transaction ends. */
export async function findOrFail<R extends BusinessRecord>(
  db: EntityManager,
  type: EntityTarget<R>,
  id: string,
): Promise<R> {
  const metadata = db.dataSource.getMetadata(type);
  const record = await readById(db, type, id, "FOR UPDATE");
  if (!record) throw notFound(metadata.tableName, id);
  return unlessMerged(metadata, record);
}

/** Refuses a duplicate that only stands for who was kept. */
export function unlessMerged<R extends BusinessRecord>(metadata: EntityMetadata, record: R): R {
  const kept = "merged_into_id" in record ? record.merged_into_id : null;
  if (typeof kept !== "string") return record;
  throw conflict(
    `The ${metadata.tableName} ${record.id} was merged into ${kept}.`,
    `Use ${kept} instead; it has all that belonged to the other.`,
    { merged_into_id: kept },
  );
}

/** Writes a new record under a new id and returns it as the database holds it, defaults included. */
export async function insert<R extends BusinessRecord>(
  { db, now }: Context,
  type: EntityTarget<R>,
  values: DeepPartial<NoInfer<R>>,
): Promise<R> {
  const metadata = db.dataSource.getMetadata(type);
  const id = newId(metadata.tableName as IdPrefix); // Prefix and table name are one.
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

/** Writes `values` over a record that `findOrFail` locked; bumps its version. Returns it as the database holds it. */
export async function update<R extends BusinessRecord>(
  { db, now }: Context,
  type: EntityTarget<R>,
  { id, version }: Pick<R, "id" | "version">,
  values: DeepPartial<NoInfer<R>>,
): Promise<R> {
  const metadata = db.dataSource.getMetadata(type);
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

/** The columns that the given values name, and what is bound to them. */
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

/** Refuses where the caller says which version it saw and the record has moved on. */
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

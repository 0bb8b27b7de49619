import type { DeepPartial, EntityManager, EntityTarget, FindOptionsWhere } from "typeorm";
import type { BusinessRecord } from "../../entities/columns.ts";
import type { Context } from "./context.ts";
import { conflict, notFound } from "./errors.ts";
import { type IdPrefix, newId } from "./ids.ts";

type RecordClass<R extends BusinessRecord> = EntityTarget<R>;

const nameOf = <R extends BusinessRecord>(db: EntityManager, type: RecordClass<R>): string =>
  db.dataSource.getMetadata(type).tableName;

/** Reads one record in order to change it: the row stays locked until the transaction ends. */
export async function findOrFail<R extends BusinessRecord>(
  db: EntityManager,
  type: RecordClass<R>,
  id: string,
): Promise<R> {
  const where = { id } as FindOptionsWhere<R>; // Every BusinessRecord has an id; TypeORM cannot see it through R.
  const record = await db.findOne(type, { where, lock: { mode: "pessimistic_write" } });
  if (!record) throw notFound(nameOf(db, type), id);
  return record;
}

/** Writes a new record under a new id and returns it as the database holds it, defaults included. */
export async function insert<R extends BusinessRecord>(
  { db, now }: Context,
  type: RecordClass<R>,
  values: DeepPartial<NoInfer<R>>,
): Promise<R> {
  const id = newId(nameOf(db, type) as IdPrefix); // Prefix and table name are one.
  const row = { ...values, id, created_at: now, updated_at: now };
  await db
    .createQueryBuilder()
    .insert()
    .into(type)
    .values(row as never)
    .updateEntity(false)
    .execute();
  return findOrFail(db, type, id);
}

/** Writes `values` over a record that `findOrFail` locked; bumps its version. Returns it as the database holds it. */
export async function update<R extends BusinessRecord>(
  { db, now }: Context,
  type: RecordClass<R>,
  { id, version }: Pick<R, "id" | "version">,
  values: DeepPartial<NoInfer<R>>,
): Promise<R> {
  const row = { ...values, version: version + 1, updated_at: now };
  const where = { id, version };
  const { affected } = await db
    .createQueryBuilder()
    .update(type)
    .set(row as never)
    .where(where)
    .execute();
  if (affected !== 1) throw staleVersion(nameOf(db, type), id, version);
  return findOrFail(db, type, id);
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

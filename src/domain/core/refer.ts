import type { EntityManager, EntityTarget } from "typeorm";
import type { BusinessRecord } from "../../entities/columns.ts";
import { notFound } from "./errors.ts";
import { readById, unlessMerged } from "./records.ts";

/**
 * Reads one record in order to refer to it: it stays until the transaction ends, others may refer to it meanwhile.
 * The same lock that a foreign key takes, taken early, so that who is missing is `not_found`.
 */
export async function mustExist<R extends BusinessRecord>(
  db: EntityManager,
  type: EntityTarget<R>,
  id: string,
): Promise<R> {
  const record = await readById(db, type, id, "FOR KEY SHARE");
  const metadata = db.dataSource.getMetadata(type);
  if (!record) throw notFound(metadata.tableName, id);
  return unlessMerged(metadata, record);
}

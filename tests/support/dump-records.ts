import type { DataSource } from "typeorm";
import { rows } from "../../src/database/sql.ts";

/** The tables of business records, whose changes are recorded by a trigger. */
export async function guardedTables(db: DataSource): Promise<string[]> {
  const guarded = await rows<{ name: string }>(
    db.manager,
    `SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname = tgrelid::regclass::text || '_change'
     ORDER BY name`,
  );
  return guarded.map(({ name }) => name);
}

/** All business records as JSON, made by PostgreSQL. */
export async function dumpRecords(db: DataSource): Promise<string[]> {
  const dumps = (await guardedTables(db)).map((table) =>
    rows<{ row: string }>(
      db.manager,
      `SELECT '${table} ' || to_jsonb(t)::text AS row FROM ${table} t ORDER BY id`,
    ),
  );
  return (await Promise.all(dumps)).flat().map(({ row }) => row);
}

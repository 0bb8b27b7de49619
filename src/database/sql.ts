import { createHash } from "node:crypto";
import type pg from "pg";
import { type EntityManager, QueryFailedError, QueryRunnerAlreadyReleasedError } from "typeorm";

/** A named statement: PostgreSQL parses and plans it once per connection. */
export interface Prepared {
  name: string;
  text: string;
}

/** For the hot path. The statement must list its columns: `*` fails in a running process after a migration adds one. */
export const prepared = (text: string): Prepared => ({
  name: createHash("sha256").update(text).digest("base64url"),
  text,
});

/**
 * Rows of a raw query, typed by the caller; inside the transaction of `db` if it has one. Bypasses TypeORM's query(),
 * which does not support prepared statements.
 */
export async function rows<T>(
  db: EntityManager,
  sql: string | Prepared,
  parameters: unknown[] = [],
): Promise<T[]> {
  const statement = typeof sql === "string" ? { text: sql } : sql;
  const runner = db.queryRunner ?? db.dataSource.createQueryRunner();
  if (runner.isReleased) throw new QueryRunnerAlreadyReleasedError();
  try {
    const client: pg.PoolClient = await runner.connect();
    const result = await client
      .query({ ...statement, values: parameters })
      .catch((error: Error) => Promise.reject(new QueryFailedError(statement.text, parameters, error)));
    return result.rows as T[]; // The caller's SQL selects this shape.
  } finally {
    if (!db.queryRunner) await runner.release();
  }
}

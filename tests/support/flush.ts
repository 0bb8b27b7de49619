import { Redis } from "ioredis";
import pg from "pg";
import type { TestBackend } from "./backends.ts";

/** SQLSTATE deadlock_detected. */
const DEADLOCK = "40P01";

/** Runs SQL as the owner of the database. */
export async function asOwner(databaseUrl: string, sql: string): Promise<pg.QueryResult> {
  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  return owner.query(sql).finally(() => owner.end());
}

/** Moves all that has ended out of the window and revokes every rule. Ended jobs are final but for the owner of the database. */
export async function elevenMinutesLater({ databaseUrl }: { databaseUrl: string }): Promise<void> {
  await asOwner(
    databaseUrl,
    `SET session_replication_role = replica;
     UPDATE job SET finished_at = finished_at - interval '11 minutes' WHERE finished_at IS NOT NULL;
     UPDATE rule SET revoked_at = now() WHERE revoked_at IS NULL`,
  );
}

/** Makes the queue forget everything, its schedules too. */
export async function flushQueue(backend: TestBackend, databaseUrl: string): Promise<void> {
  if (backend.kind === "redis") return flushRedis(backend.redis().url);
  const { rows } = await asOwner(
    databaseUrl,
    "SELECT string_agg(format('bullmq.%I', tablename), ', ') AS tables FROM pg_tables WHERE schemaname = 'bullmq' AND tablename <> 'migration'",
  );
  await truncate(databaseUrl, String(rows[0]?.tables));
}

/** Where it crosses a running transaction, PostgreSQL ends one of the two; an operator would type it again. */
async function truncate(databaseUrl: string, tables: string): Promise<void> {
  try {
    await asOwner(databaseUrl, `TRUNCATE ${tables}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === DEADLOCK)) throw error;
    await truncate(databaseUrl, tables);
  }
}

async function flushRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall().finally(() => redis.disconnect());
}

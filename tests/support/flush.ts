import { Redis } from "ioredis";
import pg from "pg";
import type { TestBackend } from "./backends.ts";

/** Runs SQL as the owner of the database. */
export async function asOwner(databaseUrl: string, sql: string): Promise<pg.QueryResult> {
  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  return owner.query(sql).finally(() => owner.end());
}

/** Makes the queue forget everything, its schedules too. */
export async function flushQueue(backend: TestBackend, databaseUrl: string): Promise<void> {
  if (backend.kind === "redis") return flushRedis(backend.redis().url);
  const { rows } = await asOwner(
    databaseUrl,
    "SELECT string_agg(format('bullmq.%I', tablename), ', ') AS tables FROM pg_tables WHERE schemaname = 'bullmq' AND tablename <> 'migration'",
  );
  await asOwner(databaseUrl, `TRUNCATE ${String(rows[0]?.tables)}`);
}

async function flushRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall().finally(() => redis.disconnect());
}

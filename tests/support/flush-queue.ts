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

interface Later {
  databaseUrl: string;
  rules?: "revoked" | "kept";
}

/** Moves ended jobs out of the ten-minute window and revokes all rules. Only the database's owner can change ended jobs. */
export async function elevenMinutesLater({ databaseUrl, rules = "revoked" }: Later): Promise<void> {
  await asOwner(
    databaseUrl,
    `SET session_replication_role = replica;
     UPDATE job SET finished_at = finished_at - interval '11 minutes' WHERE finished_at > now() - interval '11 minutes';
     UPDATE rule SET revoked_at = now() WHERE revoked_at IS NULL AND ${rules === "revoked"}`,
  );
}

/** Deletes all data of the queue, including schedules. */
export async function flushQueue(backend: TestBackend, databaseUrl: string): Promise<void> {
  if (backend.kind === "redis") return flushRedis(backend.redis().url);
  const { rows } = await asOwner(
    databaseUrl,
    "SELECT string_agg(format('bullmq.%I', tablename), ', ') AS tables FROM pg_tables WHERE schemaname = 'bullmq' AND tablename <> 'migration'",
  );
  await truncate(databaseUrl, String(rows[0]?.tables));
}

/** Retries after a deadlock with a running transaction. */
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

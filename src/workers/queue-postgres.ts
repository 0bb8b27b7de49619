import { createPostgresBackend, runMigrations } from "bullmq";
import pg from "pg";
import { APP_ROLE } from "../entities/database.ts";
import type { QueueConnection, QueueStore, Warn } from "./queues.ts";

const SCHEMA = "bullmq";

/** Brings BullMQ's own tables up to date, as their owner; any number of processes may do it at once. Needs APP_ROLE to exist. */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    // BullMQ's own lock covers its migrations, not the grants. Released with the connection.
    await owner.query("SELECT pg_advisory_lock(hashtext('countersign.queue'))");
    await runMigrations(owner, SCHEMA);
    await owner.query(`
      GRANT USAGE ON SCHEMA ${SCHEMA} TO ${APP_ROLE};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${APP_ROLE};
      GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO ${APP_ROLE};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${SCHEMA} TO ${APP_ROLE}`);
  } finally {
    await owner.end();
  }
}

/** One pool for all queues and workers of the process; every connection takes on APP_ROLE. */
export function openPostgres(connection: QueueConnection, warn: Warn): QueueStore {
  const pool = new pg.Pool({
    connectionString: connection.databaseUrl,
    max: connection.poolSize ?? 24,
    options: `-c role=${APP_ROLE} -c search_path=${SCHEMA}`,
    application_name: "countersign queue",
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
  });
  // Every queue and worker listens for the pool's errors.
  pool.setMaxListeners(0);
  pool.on("error", warn);

  return {
    kind: "postgres",
    // BullMQ would sleep up to an hour beside a far delayed job, and a NOTIFY may be lost: look every 5 s.
    factory: (name, options, use) =>
      Object.defineProperty(
        createPostgresBackend(name, { ...options, connection: pool }, use),
        "maximumBlockTimeout",
        {
          value: 5,
        },
      ),
    ping: async () => void (await pool.query("SELECT 1")),
    end: () => pool.end(),
  };
}

import { createPostgresBackend, LATEST_SCHEMA_VERSION, runMigrations } from "bullmq";
import pg from "pg";
import { APP_ROLE } from "../entities/database.ts";
import { type Inspection, Unfit } from "./inspection.ts";
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

/** Looks whether BullMQ's tables are there, as new as this program, and open to the application; throws `Unfit`. */
export async function inspectPostgres(databaseUrl: string): Promise<Inspection> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  const todo = "Start Countersign: it brings the queue's tables up to date.";
  try {
    await client.connect();
    const table = await client.query("SELECT to_regclass($1) IS NOT NULL AS there", [`${SCHEMA}.migration`]);
    if (!table.rows[0].there) return { text: "in PostgreSQL; not made yet: the first start does it" };
    await client.query(`SET ROLE ${APP_ROLE}`);
    const { rows } = await client.query(`SELECT max(version)::int AS version FROM ${SCHEMA}.migration`);
    const { version } = rows[0];
    if (version !== LATEST_SCHEMA_VERSION)
      throw new Unfit(`BullMQ's tables have version ${version}, not ${LATEST_SCHEMA_VERSION}`, todo);
    return { text: `in PostgreSQL, version ${version} of its tables` };
  } catch (error) {
    if (error instanceof Unfit || !(error instanceof Error)) throw error;
    throw new Unfit(`PostgreSQL does not serve us (${error.message})`, todo);
  } finally {
    await client.end().catch(() => undefined);
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
    factory(name, options, use) {
      const backend = createPostgresBackend(name, { ...options, connection: pool }, use);
      // BullMQ would sleep up to an hour beside a far delayed job, and a NOTIFY may be lost: look every 5 s.
      Object.defineProperty(backend, "maximumBlockTimeout", { value: 5 });
      // A worker would remember a failed first connect for ever and spin on it. The queues have checked the schema
      // before it on the same pool; each of its own queries connects anew.
      if (use?.withBlockingConnection) backend.connection.waitUntilReady = () => Promise.resolve();
      return backend;
    },
    ping: async () => void (await pool.query("SELECT 1")),
    end: () => pool.end(),
  };
}

import { createPostgresBackend, LATEST_SCHEMA_VERSION, runMigrations } from "bullmq";
import pg from "pg";
import { APP_ROLE } from "../database/data-source.ts";
import { SteadyClient } from "../database/steady-client.ts";
import { type Preflight, PreflightError } from "./preflight.ts";
import type { QueueConnection, QueueStore, Warn } from "./store.ts";

const SCHEMA = "bullmq";

/** Migrates BullMQ's tables as their owner. Safe to call from several processes at once. APP_ROLE must exist. */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  const owner = new SteadyClient({ connectionString: ownerUrl });
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

/** Checks that BullMQ's tables exist, have this program's version, and grant the application access; throws a PreflightError. */
export async function preflightPostgres(databaseUrl: string): Promise<Preflight> {
  const client = new SteadyClient({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  const todo = "Start Countersign: it migrates the queue's tables.";
  try {
    await client.connect();
    const table = await client.query("SELECT to_regclass($1) IS NOT NULL AS there", [`${SCHEMA}.migration`]);
    if (!table.rows[0].there) return { text: "in PostgreSQL; not created yet: the first start creates it" };
    await client.query(`SET ROLE ${APP_ROLE}`);
    const { rows } = await client.query(`SELECT max(version)::int AS version FROM ${SCHEMA}.migration`);
    const { version } = rows[0];
    if (version !== LATEST_SCHEMA_VERSION)
      throw new PreflightError(`BullMQ's tables have version ${version}, not ${LATEST_SCHEMA_VERSION}`, todo);
    return { text: `in PostgreSQL, version ${version} of its tables` };
  } catch (error) {
    if (error instanceof PreflightError || !(error instanceof Error)) throw error;
    throw new PreflightError(`the queue in PostgreSQL is not usable (${error.message})`, todo);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** One pool for all queues and workers of the process; its connections run as APP_ROLE. */
export function openPostgres(connection: QueueConnection, warn: Warn): QueueStore {
  const pool = new pg.Pool({
    connectionString: connection.databaseUrl,
    max: connection.poolSize ?? 24,
    options: `-c role=${APP_ROLE} -c search_path=${SCHEMA}`,
    application_name: "countersign queue",
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
    Client: SteadyClient,
  });
  // Every queue and worker adds a listener: more than Node's limit of 10.
  pool.setMaxListeners(0);
  pool.on("error", warn);

  return {
    kind: "postgres",
    factory(name, options, use) {
      const backend = createPostgresBackend(name, { ...options, connection: pool }, use);
      // BullMQ sleeps until the next delayed job, up to an hour, and a NOTIFY may be lost: poll every 5 s.
      Object.defineProperty(backend, "maximumBlockTimeout", { value: 5 });
      // Skip the worker's first check, because a worker never recovers if it fails. Safe: the queues have checked the
      // schema on the same pool, and each query takes its own connection from it.
      if (use?.withBlockingConnection) backend.connection.waitUntilReady = () => Promise.resolve();
      return backend;
    },
    ping: async () => void (await pool.query("SELECT 1")),
    end: () => pool.end(),
  };
}

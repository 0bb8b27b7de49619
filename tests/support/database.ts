import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";
import type { DataSource } from "typeorm";
import { connect } from "../../src/database/data-source.ts";
import { migrate } from "../../src/database/migrate.ts";
import { migrateQueue } from "../../src/queue/index.ts";

export interface TestDatabase {
  /** Connects as the owner. */
  url: string;
  /** Connected as the application's role. */
  db: DataSource;
  /** Deletes all rows that a new database does not have, and starts the counters again: a fifth of a new one's cost. */
  clear(): Promise<void>;
  /** Closes the connections and drops the database. */
  drop(): Promise<void>;
  /** A copy of its own. Closes the connections of this one for good. */
  copy(): Promise<TestDatabase>;
}

/** Neither triggers nor foreign keys are in its way: as an owner's replica, which only a superuser may be. */
const CLEAR = `
DO $$
DECLARE
  each record;
  filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('public', 'bullmq') AND tablename NOT IN ('migrations', 'migration', 'personal_data')
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I)', each.schemaname, each.tablename) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %I.%I', each.schemaname, each.tablename); END IF;
  END LOOP;
  FOR each IN SELECT schemaname, sequencename, start_value FROM pg_sequences
    WHERE last_value IS NOT NULL AND sequencename NOT IN ('migrations_id_seq', 'personal_data_place_seq')
  LOOP
    PERFORM setval(format('%I.%I', each.schemaname, each.sequencename)::regclass, each.start_value, false);
  END LOOP;
END $$`;

const migrations = new URL("../../src/database/migrations/", import.meta.url);

/** The server that jest's global setup started. */
export function serverUrl(database: string): string {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) throw new Error("TEST_DATABASE_URL is unset: run the tests through npm test.");
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Creates a migrated database for each caller, cloned from a template. */
export const testDatabase = (): Promise<TestDatabase> => clone(templateDatabase);

async function clone(templateOf: (admin: pg.Client) => Promise<string>): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const admin = new pg.Client(serverUrl("postgres"));
  admin.on("error", () => undefined); // Queries reject with it.
  await admin.connect();
  const template = await templateOf(admin);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  await admin.end();
  const url = serverUrl(name);
  const db = await connect(url, { lockTimeoutMs: 5_000 });
  let owner: pg.Client | undefined;
  return {
    url,
    db,
    async clear() {
      if (!owner) {
        owner = new pg.Client(url);
        owner.on("error", () => undefined);
        await owner.connect();
      }
      await owner.query(CLEAR);
    },
    async drop() {
      await owner?.end();
      if (db.isInitialized) await db.destroy();
      const last = new pg.Client(serverUrl("postgres"));
      await last.connect();
      await last.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await last.end();
    },
    async copy() {
      if (db.isInitialized) await db.destroy();
      return clone(async () => name);
    },
  };
}

/** Creates the template once per server and set of migrations; the first test file that needs it migrates it. */
async function templateDatabase(admin: pg.Client): Promise<string> {
  const hash = createHash("sha256");
  for (const file of readdirSync(migrations).sort()) hash.update(readFileSync(new URL(file, migrations)));
  const template = `template_${hash.digest("hex").slice(0, 12)}`;
  await admin.query("SELECT pg_advisory_lock(hashtext('countersign.template'))");
  const { rowCount } = await admin.query("SELECT FROM pg_database WHERE datname = $1", [template]);
  if (rowCount === 0) {
    const making = `${template}_making`;
    await admin.query(`DROP DATABASE IF EXISTS ${making} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${making}`);
    await migrate(serverUrl(making));
    await migrateQueue(serverUrl(making));
    await admin.query(`ALTER DATABASE ${making} RENAME TO ${template}`);
  }
  await admin.query("SELECT pg_advisory_unlock(hashtext('countersign.template'))");
  return template;
}

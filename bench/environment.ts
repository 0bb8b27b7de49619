import { chmod, mkdtemp, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { newId } from "../src/domain/core/ids.ts";
import { startEmbedded } from "../src/database/embedded/index.ts";
import type { TestBackend } from "../tests/support/backends.ts";
import { testDatabase } from "../tests/support/database.ts";
import { startApp, type TestApp } from "../tests/support/app.ts";
import { startRedis, type TestRedis } from "../tests/support/redis.ts";

/** The servers that a baseline uses. */
export interface Place {
  databaseUrl: string;
  redisUrl: string | undefined;
}

export type Kind = TestBackend["kind"];

/** The servers of one run: PostgreSQL with the settings of `npm start` (fsync on), and Redis. */
export interface Environment {
  kind: Kind;
  redisUrl: string | undefined;
  /** Starts the product, one process per entry; without `env` also without limits per agent. */
  app(services: string[], env?: Record<string, string>): Promise<TestApp>;
  /** An empty, migrated database. */
  place(): Promise<Place & { drop(): Promise<void> }>;
}

/** Node's options in `npm start`, the heap limit among them. */
const [, START_OPTIONS = ""] = / node (--\S+) /.exec(readFileSync("package.json", "utf8")) ?? [];

const UNLIMITED = {
  AGENT_CALLS_PER_MINUTE: "1000000",
  AGENT_WAITS: "100000",
  AGENT_PENDING: "1000000",
  AGENT_COSTLY: "1000000",
};

export async function withEnvironment<T>(
  kind: Kind,
  use: (environment: Environment) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  await chmod(dataDir, 0o755); // Started by root, PostgreSQL runs as another user, who needs access.
  const postgres = await startEmbedded({ dataDir });
  const redis = kind === "redis" ? await startRedis() : undefined;
  process.env.TEST_DATABASE_URL = postgres.url; // testDatabase() creates its databases there.
  try {
    return await use(environmentOn(kind, redis));
  } finally {
    await redis?.stop();
    await postgres.stop();
    await rm(dataDir, { recursive: true });
  }
}

function environmentOn(kind: Kind, redis: TestRedis | undefined): Environment {
  const redisUrl = redis?.url;
  const none = () => {
    throw new Error("the bench connects to its queue by URL only");
  };
  const backend: TestBackend = { kind, redisUrl: () => redisUrl, connect: none, redis: none };
  return {
    kind,
    redisUrl,
    app: (services, env = UNLIMITED) =>
      startApp(backend, { services, env: { NODE_OPTIONS: START_OPTIONS, ...env } }),
    async place() {
      const { url, db, drop } = await testDatabase();
      await db.destroy();
      return { databaseUrl: url, redisUrl, drop };
    },
  };
}

/** Inserts customers with one visit each, bypassing the triggers. */
export async function seedCustomers(databaseUrl: string, count: number): Promise<string[]> {
  const contacts = Array.from({ length: count }, () => newId("contact"));
  const tickets = contacts.map(() => newId("ticket"));
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query("SET session_replication_role = replica");
  await client.query(
    "INSERT INTO contact (id, name) SELECT id, 'Customer ' || id FROM unnest($1::text[]) id",
    [contacts],
  );
  await client.query("INSERT INTO ticket (id, customer_id) SELECT * FROM unnest($1::text[], $2::text[])", [
    tickets,
    contacts,
  ]);
  await client.query("ANALYZE contact, ticket");
  await client.end();
  return contacts;
}

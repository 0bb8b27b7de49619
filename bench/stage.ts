import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { newId } from "../src/domain/core/ids.ts";
import { startEmbedded } from "../src/entities/embedded.ts";
import type { TestBackend } from "../tests/support/backends.ts";
import { testDatabase } from "../tests/support/database.ts";
import { aHouse, type House } from "../tests/support/house.ts";
import { startRedis, type TestRedis } from "../tests/support/redis.ts";

/** Where a peer works. */
export interface Place {
  databaseUrl: string;
  redisUrl: string | undefined;
}

export type Kind = TestBackend["kind"];

/** The servers of one run: PostgreSQL as `npm start` has it, every commit on disk, and Redis. */
export interface Stage {
  kind: Kind;
  redisUrl: string | undefined;
  /** The product in processes of its own, with no limits per agent. */
  house(services: string[]): Promise<House>;
  /** An empty, migrated database. */
  place(): Promise<Place & { drop(): Promise<void> }>;
}

export async function withStage<T>(kind: Kind, use: (stage: Stage) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  await chmod(dataDir, 0o755); // As root, the server runs as another user, who must pass.
  const postgres = await startEmbedded({ dataDir });
  const redis = kind === "redis" ? await startRedis() : undefined;
  process.env.TEST_DATABASE_URL = postgres.url; // Where the test support makes its databases.
  try {
    return await use(stageOn(kind, redis));
  } finally {
    await redis?.stop();
    await postgres.stop();
    await rm(dataDir, { recursive: true });
  }
}

function stageOn(kind: Kind, redis: TestRedis | undefined): Stage {
  const redisUrl = redis?.url;
  const none = () => {
    throw new Error("the bench asks for its queue by URL only");
  };
  const backend: TestBackend = { kind, redisUrl: () => redisUrl, connect: none, redis: none };
  return {
    kind,
    redisUrl,
    house: (services) =>
      aHouse(backend, { services, env: { AGENT_CALLS_PER_MINUTE: "1000000", AGENT_WAITS: "100000" } }),
    async place() {
      const { url, db, drop } = await testDatabase();
      await db.destroy();
      return { databaseUrl: url, redisUrl, drop };
    },
  };
}

/** Customers, each with one visit, written past the triggers: they are there before anything is measured. */
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

import { Redis } from "ioredis";
import type { TestBackend } from "./backends.ts";
import { asOwner } from "./flush-queue.ts";

/** All data of the queue, as text. */
export async function dumpQueue(backend: TestBackend, databaseUrl: string): Promise<string> {
  return backend.kind === "redis" ? dumpRedis(backend.redis().url) : dumpPostgres(databaseUrl);
}

async function dumpPostgres(databaseUrl: string): Promise<string> {
  const { rows: tables } = await asOwner(
    databaseUrl,
    "SELECT format('bullmq.%I', tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq'",
  );
  const dumps = tables.map(async ({ name }: { name: string }) => {
    const { rows } = await asOwner(databaseUrl, `SELECT t::text AS row FROM ${name} t`);
    return rows.map(({ row }: { row: string }) => `${name} ${row}`);
  });
  return (await Promise.all(dumps)).flat().join("\n");
}

async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, "0", "-1"),
    stream: (key) => redis.xrange(key, "-", "+"),
  };
  try {
    const keys = await redis.keys("*");
    const dumps = keys.map(
      async (key) => `${key} ${JSON.stringify(await read[await redis.type(key)]?.(key))}`,
    );
    return (await Promise.all(dumps)).join("\n");
  } finally {
    redis.disconnect();
  }
}

import { createRedisBackend, type RedisQueueBackend } from "bullmq";
import { Redis } from "ioredis";
import type { QueueStore, Warn } from "./queues.ts";
import { within } from "./within.ts";

/** Two clients: the one that adds gives up within seconds, the one of the workers waits until Redis is back. */
export async function openRedis(url: string, warn: Warn): Promise<QueueStore> {
  const { host } = new URL(url);
  const retryStrategy = (times: number) => Math.min(times * 100, 1_000);
  const adding = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
    retryStrategy,
  });
  const working = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: 2_000,
    retryStrategy,
  });
  for (const client of [adding, working]) client.on("error", warn);
  const backends: RedisQueueBackend[] = [];
  const end = async () => {
    for (const client of [adding, working]) client.disconnect();
    // A worker that could not close leaves its own blocking client trying to reconnect.
    for (const backend of backends)
      void backend.blockingClient?.then((client) => client.disconnect()).catch(warn);
  };

  try {
    refuseEviction(await firstAnswer(adding, host), host);
    await within(5_000, working.connect());
  } catch (error) {
    await end();
    throw error;
  }

  return {
    kind: "redis",
    factory(name, options, use) {
      const connection = use?.withBlockingConnection ? working : adding;
      const backend = createRedisBackend(name, { ...options, connection }, use);
      backends.push(backend);
      return backend;
    },
    ping: async () => void (await adding.ping()),
    end,
  };
}

async function firstAnswer(redis: Redis, host: string): Promise<string> {
  try {
    await within(5_000, redis.connect());
    return await redis.info("memory");
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown";
    throw new Error(
      `Redis at ${host} does not answer (${why}). Start it, correct REDIS_URL, or unset REDIS_URL to queue in PostgreSQL.`,
    );
  }
}

/** Redis that evicts keys under memory pressure would drop jobs silently. */
function refuseEviction(memory: string, host: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy && policy !== "noeviction") {
    throw new Error(
      `Redis at ${host} has maxmemory-policy ${policy} and would drop jobs. Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.`,
    );
  }
}

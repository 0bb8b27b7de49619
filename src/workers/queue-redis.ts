import { createRedisBackend, type RedisQueueBackend } from "bullmq";
import { Redis } from "ioredis";
import type { QueueStore, Warn } from "./queues.ts";
import { within } from "./within.ts";

/** Two clients: the one that adds gives up within seconds, the one of the workers waits until Redis is back. */
export async function openRedis(url: string, warn: Warn): Promise<QueueStore> {
  const { host } = new URL(url);
  const patience = {
    connectTimeout: 2_000,
    // The default of 2 s would hold up every exit.
    disconnectTimeout: 200,
    retryStrategy: (times: number) => Math.min(times * 100, 1_000),
  };
  const adding = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    ...patience,
  });
  adding.on("error", warn);
  try {
    refuseEviction(await firstAnswer(adding, host), host);
  } catch (error) {
    adding.disconnect();
    throw error;
  }

  // Not lazy: BullMQ copies this client for each worker, and a lazy copy whose first connect fails stays dead for ever.
  const working = new Redis(url, { maxRetriesPerRequest: null, ...patience });
  working.on("error", warn);
  const backends: RedisQueueBackend[] = [];

  return {
    kind: "redis",
    factory(name, options, use) {
      const connection = use?.withBlockingConnection ? working : adding;
      const backend = createRedisBackend(name, { ...options, connection }, use);
      backends.push(backend);
      return backend;
    },
    ping: async () => void (await adding.ping()),
    async end() {
      for (const client of [adding, working]) client.disconnect();
      // A worker that could not close leaves its own client trying to reconnect.
      for (const backend of backends)
        void backend.blockingClient?.then((client) => client.disconnect()).catch(warn);
    },
  };
}

async function firstAnswer(redis: Redis, host: string): Promise<string> {
  // A refused password closes the connection; only the event says why.
  let cause: Error | undefined;
  redis.on("error", (error) => (cause = error));
  try {
    await within(5_000, redis.connect());
    return await redis.info("memory");
  } catch (error) {
    const why = cause?.message ?? String(error);
    throw new Error(
      `Redis at ${host} does not serve us (${why}). Start it, correct REDIS_URL, or unset REDIS_URL to queue in PostgreSQL.`,
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

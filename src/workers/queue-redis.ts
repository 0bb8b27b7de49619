import { createRedisBackend, type RedisQueueBackend } from "bullmq";
import { Redis } from "ioredis";
import { type Inspection, Unfit } from "./inspection.ts";
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

/** Asks Redis who it is and what it keeps; throws `Unfit` where it would not do for jobs. */
export async function inspectRedis(url: string): Promise<Inspection> {
  const { host } = new URL(url);
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 2_000, retryStrategy: () => null });
  try {
    const info = await firstAnswer(client, host);
    refuseEviction(info, host);
    const told = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
    const valkey = told("valkey_version");
    const began = performance.now();
    await client.ping();
    const ms = Math.round(performance.now() - began);
    const text = `${valkey ? `Valkey ${valkey}` : `Redis ${told("redis_version")}`} at ${host}, ${ms} ms`;
    if (told("aof_enabled") === "1") return { text };
    const what = "it keeps no append-only file, so after a crash the relay has to send its jobs again";
    return {
      text,
      caution: { what, todo: "redis-cli CONFIG SET appendonly yes, and the same in redis.conf" },
    };
  } finally {
    client.disconnect();
  }
}

async function firstAnswer(redis: Redis, host: string): Promise<string> {
  // A refused password closes the connection; only the event says why.
  let cause: Error | undefined;
  redis.on("error", (error) => (cause = error));
  try {
    await within(5_000, redis.connect());
    return await redis.info();
  } catch (error) {
    const why = cause?.message ?? String(error);
    throw new Unfit(
      `Redis at ${host} does not serve us (${why})`,
      "Start it, correct REDIS_URL, or unset REDIS_URL to queue in PostgreSQL.",
    );
  }
}

/** Redis that evicts keys under memory pressure would drop jobs silently. */
function refuseEviction(memory: string, host: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy && policy !== "noeviction") {
    throw new Unfit(
      `Redis at ${host} has maxmemory-policy ${policy} and would drop jobs`,
      "Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.",
    );
  }
}

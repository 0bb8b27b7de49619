import { randomUUID } from "node:crypto";
import { createRedisBackend, type RedisQueueBackend } from "bullmq";
import { Redis } from "ioredis";
import { type Preflight, PreflightError } from "./preflight.ts";
import type { QueueStore, Warn } from "./store.ts";
import { withTimeout } from "./with-timeout.ts";

/** Two clients: the one that adds jobs fails within seconds, the one for workers reconnects until Redis is back. */
export async function openRedis(url: string, warn: Warn): Promise<QueueStore> {
  const { host } = new URL(url);
  const reconnect = {
    connectTimeout: 2_000,
    // The default of 2 s would delay every exit.
    disconnectTimeout: 200,
    retryStrategy: (times: number) => Math.min(times * 100, 1_000),
  };
  const adding = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    ...reconnect,
  });
  adding.on("error", warn);
  try {
    await refuseUnsuitable(adding, await connectAndRead(adding, host), host);
  } catch (error) {
    adding.disconnect();
    throw error;
  }

  // Not lazy: BullMQ copies this client for each worker, and a lazy copy never recovers from a failed first connect.
  const working = new Redis(url, { maxRetriesPerRequest: null, ...reconnect });
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
      // A worker that could not close leaves a client behind that tries to reconnect.
      for (const backend of backends)
        void backend.blockingClient?.then((client) => client.disconnect()).catch(warn);
    },
  };
}

/** Checks whether Redis can hold jobs, and leaves nothing behind; throws a PreflightError if it cannot. */
export async function preflightRedis(url: string): Promise<Preflight> {
  const { host } = new URL(url);
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 2_000, retryStrategy: () => null });
  try {
    const info = await connectAndRead(client, host);
    await refuseUnsuitable(client, info, host);
    const field = (name: string) => fieldOf(info, name);
    const valkey = field("valkey_version");
    const began = performance.now();
    await client.ping();
    const ms = Math.round(performance.now() - began);
    const text = `${valkey ? `Valkey ${valkey}` : `Redis ${field("redis_version")}`} at ${host}, ${ms} ms`;
    if (field("aof_enabled") === "1") return { text };
    const what = "it has no append-only file, so after a crash the relay must send its jobs again";
    return {
      text,
      caution: { what, todo: "redis-cli CONFIG SET appendonly yes, and the same in redis.conf" },
    };
  } finally {
    client.disconnect();
  }
}

/** Connects and resolves with INFO. */
async function connectAndRead(redis: Redis, host: string): Promise<string> {
  // After a wrong password the connection just closes; only the error event has the reason.
  let cause: Error | undefined;
  redis.on("error", (error) => (cause = error));
  try {
    await withTimeout(5_000, redis.connect());
    return await redis.info();
  } catch (error) {
    const why = cause?.message ?? String(error);
    throw new PreflightError(
      `Redis at ${host} is not usable (${why})`,
      "Start it, correct REDIS_URL, or unset REDIS_URL to queue in PostgreSQL.",
    );
  }
}

const fieldOf = (info: string, name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];

/** Redis accepts each of these at first, and loses or refuses jobs later. `info` is the answer of INFO. */
async function refuseUnsuitable(redis: Redis, info: string, host: string): Promise<void> {
  const policy = fieldOf(info, "maxmemory_policy");
  if (policy && policy !== "noeviction") {
    throw new PreflightError(
      `Redis at ${host} has maxmemory-policy ${policy} and would drop jobs`,
      "Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.",
    );
  }
  if (fieldOf(info, "cluster_enabled") === "1") {
    throw new PreflightError(
      `Redis at ${host} is a node of a cluster, which splits the keys of a queue`,
      "Set REDIS_URL to a Redis without cluster-enabled, or unset REDIS_URL to queue in PostgreSQL.",
    );
  }
  if (fieldOf(info, "role") === "slave") {
    const primary = `${fieldOf(info, "master_host")}:${fieldOf(info, "master_port")}`;
    throw new PreflightError(
      `Redis at ${host} is a replica, which loses or refuses what is written to it`,
      `Set host and port in REDIS_URL to its primary: ${primary}`,
    );
  }
  await refuseUnknownDatabase(redis, host);
  await refuseReadOnly(redis, host);
}

/** ioredis would go on in database 0, where another installation may be. */
async function refuseUnknownDatabase(redis: Redis, host: string): Promise<void> {
  const { db } = redis.options;
  if (!db) return;
  await redis.select(db).catch(() => {
    throw new PreflightError(
      `Redis at ${host} has no database ${db}`,
      "End REDIS_URL with the host and port: installations on one Redis keep apart by their prefix.",
    );
  });
}

/** Writes a key and deletes it in one script, as BullMQ writes: rights, memory, disk and lost replicas can forbid it. */
async function refuseReadOnly(redis: Redis, host: string): Promise<void> {
  const script = "redis.call('SET', KEYS[1], 1) return redis.call('DEL', KEYS[1])";
  await redis.eval(script, 1, `countersign-preflight:${randomUUID()}`).catch((error: unknown) => {
    throw new PreflightError(
      `Redis at ${host} refuses to write (${error instanceof Error ? error.message.split(" script:")[0] : error})`,
      "Correct that in Redis, or unset REDIS_URL to queue in PostgreSQL.",
    );
  });
}

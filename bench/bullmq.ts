import { createPostgresBackend, createRedisBackend, Queue, QueueEvents, Worker } from "bullmq";
import type { BackendFactory, IQueueBackend, JobProgress } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import type { Work } from "./same-sql.ts";

interface Place {
  databaseUrl: string;
  /** Empty: PostgreSQL. */
  redisUrl?: string | undefined;
}

const NAME = "bench";
const options = { connection: "bench" };

/** BullMQ as in its documentation, without any of our code. */
export function openBullmq({ databaseUrl, redisUrl }: Place) {
  const { factory, end } = redisUrl ? onRedis(redisUrl) : onPostgres(databaseUrl);
  return {
    /** Call it last, after queue and events are closed. */
    end,
    queue: () =>
      new Queue<Work, void, string, Work, void, string, IQueueBackend, string>(
        NAME,
        options,
        factory,
      ).setMaxListeners(0), // One listener per waiting caller.
    events: () => new QueueEvents<void, IQueueBackend, string>(NAME, options, factory).setMaxListeners(0),
    worker: (concurrency: number, work: (data: Work) => Promise<void>) =>
      new Worker<Work, void, string, IQueueBackend, JobProgress, string>(
        NAME,
        ({ data }) => work(data),
        { ...options, concurrency },
        factory,
      ),
  };
}

interface Connected {
  factory: BackendFactory<IQueueBackend, string>;
  end(): Promise<void>;
}

function onRedis(url: string): Connected {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  return {
    factory: (name, given, use) => createRedisBackend(name, { ...given, connection }, use),
    end: async () => connection.disconnect(),
  };
}

function onPostgres(url: string): Connected {
  const pool = new pg.Pool({ connectionString: url, max: 52, options: "-c search_path=bullmq" });
  pool.setMaxListeners(0);
  return {
    factory: (name, given, use) => createPostgresBackend(name, { ...given, connection: pool }, use),
    end: () => pool.end(),
  };
}

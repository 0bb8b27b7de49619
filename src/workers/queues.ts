import { Queue, Worker } from "bullmq";
import type { BackendFactory, DefaultJobOptions, IQueueBackend, Job, JobProgress } from "bullmq";
import { inspectPostgres, openPostgres } from "./queue-postgres.ts";
import { inspectRedis, openRedis } from "./queue-redis.ts";
import type { Inspection } from "./inspection.ts";
import { within } from "./within.ts";

export const queueNames = ["actions", "awaiting-authorization", "deliveries", "schedules"] as const;
export type QueueName = (typeof queueNames)[number];

/** A queued job names its row and carries nothing else: what it means is decided by the row. */
export type JobData = { jobId: string } | { deliveryId: string } | Record<string, never>;
export type JobQueue = Queue<JobData, void, string, JobData, void, string, IQueueBackend, string>;
export type JobWorker = Worker<JobData, void, string, IQueueBackend, JobProgress, string>;
export type QueuedJob = Job<JobData, void>;

export interface QueueLog {
  warn(fields: object, message: string): void;
}

export interface QueueConnection {
  /** Redis 7 or Valkey; without it the queue lives in PostgreSQL. */
  redisUrl?: string | undefined;
  databaseUrl: string;
  /** PostgreSQL only: workers + 20; each worker keeps one connection for LISTEN. */
  poolSize?: number | undefined;
  /** A worker without a sign of life for so long is taken for dead, and others do what it held. */
  silenceMs?: number | undefined;
  log: QueueLog;
}

/** What differs between Redis and PostgreSQL: everything else is BullMQ's own API. */
export interface QueueStore {
  kind: "postgres" | "redis";
  factory: BackendFactory<IQueueBackend, string>;
  ping(): Promise<void>;
  /** Ends the connections at once; only after queues and workers are closed. */
  end(): Promise<void>;
}

export interface Backend {
  kind: QueueStore["kind"];
  /** For adding: rejects within seconds while the queue is down, never hangs. */
  queue(name: QueueName): JobQueue;
  worker(
    name: QueueName,
    process: (job: QueuedJob) => Promise<void>,
    options: { concurrency: number },
  ): JobWorker;
  /** Rejects when the queue does not answer. */
  ping(): Promise<void>;
  /** Lets running jobs end for `graceMs`, then drops the connections; another worker picks up what was left. */
  close(graceMs?: number): Promise<void>;
}

const HOUR = 3_600;
const DAY = 24 * HOUR;

// A throw is a bug or a database that is down: few tries here, the relay sends again what is left.
const jobOptions: DefaultJobOptions = {
  attempts: 5,
  backoff: { type: "exponential", delay: 1_000 },
  removeOnComplete: { age: HOUR, count: 1_000 },
  removeOnFail: { age: 7 * DAY },
};

const workerOptions = (silenceMs = 10_000) => ({
  lockDuration: silenceMs,
  stalledInterval: silenceMs / 2,
  // Poison is counted on our own row; BullMQ's default of 1 would bury a job after two crashes.
  maxStalledCount: 1_000,
  // How long a fetch waits after a refused connection; the default of 15 s outlasts most restarts.
  runRetryDelay: 1_000,
});

/** Opens the four queues. Throws one line that says what to do when the queue is down or not fit for jobs. */
export async function connectQueues(connection: QueueConnection): Promise<Backend> {
  const warn = sparingly(connection.log);
  const store = connection.redisUrl
    ? await openRedis(connection.redisUrl, warn)
    : openPostgres(connection, warn);
  const queues = new Map<QueueName, JobQueue>();
  const workers: JobWorker[] = [];
  const options = { connection: store.kind };

  async function close(graceMs = 10_000): Promise<void> {
    // A queue that is down cannot be told that a job ended: nothing to wait for.
    const up = await within(1_000, store.ping()).then(
      () => true,
      () => false,
    );
    await within(up ? graceMs : 1_000, Promise.all(workers.map((worker) => worker.close(!up)))).catch(warn);
    await within(2_000, Promise.all([...queues.values()].map((queue) => queue.close()))).catch(warn);
    await within(2_000, store.end()).catch(warn);
  }

  try {
    for (const name of queueNames) {
      const queue: JobQueue = new Queue(name, { ...options, defaultJobOptions: jobOptions }, store.factory);
      queues.set(name, queue.on("error", warn));
    }
    await within(10_000, Promise.all([...queues.values()].map((queue) => queue.waitUntilReady())));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    kind: store.kind,
    ping: store.ping,
    close,
    queue(name) {
      const queue = queues.get(name);
      if (!queue) throw new Error(`No queue is called "${name}"; there are ${queueNames.join(", ")}.`);
      return queue;
    },
    worker(name, process, { concurrency }) {
      const worker: JobWorker = new Worker(
        name,
        process,
        { ...options, ...workerOptions(connection.silenceMs), concurrency },
        store.factory,
      );
      worker.on("error", warn);
      worker.on("failed", (job, err) =>
        connection.log.warn({ queue: name, queued: job?.id, err }, "a queued job threw"),
      );
      workers.push(worker);
      return worker;
    },
  };
}

/** Adds a job under our own id. An id the queue still knows, in whatever state, is left as it is. */
export async function enqueue(queue: JobQueue, id: string, data: JobData, delayMs = 0): Promise<void> {
  await queue.add(queue.name, data, { jobId: id, delay: delayMs });
}

/** Adds jobs that are due now. Not addBulk(): in PostgreSQL it wakes no worker. */
export async function enqueueAll(queue: JobQueue, jobs: { id: string; data: JobData }[]): Promise<void> {
  await Promise.all(jobs.map(({ id, data }) => enqueue(queue, id, data)));
}

/** Makes a delayed job run now; adds a fresh one where it is gone, or runs already and may have read the row too early. */
export async function promoteOrAdd(
  queue: JobQueue,
  id: string,
  freshId: string,
  data: JobData,
): Promise<void> {
  const job = await queue.getJob(id);
  // Refused when it is gone, due, or promoted by someone else: its state tells which.
  const promoted = await job?.promote().then(
    () => true,
    () => false,
  );
  if (promoted) return;
  const state = await queue.getJobState(id);
  if (state !== "waiting" && state !== "prioritized") await enqueue(queue, freshId, data);
}

/** Whether the queue will still run this job: false once it completed, failed, or was lost. */
export async function isPending(queue: JobQueue, id: string): Promise<boolean> {
  const state = await queue.getJobState(id);
  return state !== "unknown" && state !== "completed" && state !== "failed";
}

/** Looks at the queue without touching it; throws `Unfit`. */
export const inspectQueue = ({ redisUrl, databaseUrl }: Omit<QueueConnection, "log">): Promise<Inspection> =>
  redisUrl ? inspectRedis(redisUrl) : inspectPostgres(databaseUrl);

/** What the owner of the database runs before `connectQueues`, where the queue lives in PostgreSQL. */
export { migrateQueue } from "./queue-postgres.ts";

export type Warn = (error: unknown) => void;

/** One line per kind of trouble and half minute: a downed queue raises the same error hundreds of times. */
function sparingly(log: QueueLog): Warn {
  const lastAt = new Map<string, number>();
  return (err) => {
    const kind = err instanceof Error ? ("code" in err ? String(err.code) : err.name) : "unknown";
    if (Date.now() - (lastAt.get(kind) ?? 0) < 30_000) return;
    lastAt.set(kind, Date.now());
    log.warn({ err }, "queue connection in trouble; trying again");
  };
}

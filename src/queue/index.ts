import { Queue, Worker } from "bullmq";
import type { DefaultJobOptions, IQueueBackend, Job, JobProgress } from "bullmq";
import { identityOf } from "../database/identity.ts";
import { preflightPostgres, openPostgres } from "./postgres.ts";
import { preflightRedis, openRedis } from "./redis.ts";
import type { Preflight } from "./preflight.ts";
import type { QueueConnection, QueueLog, QueueStore, Warn } from "./store.ts";
import { withTimeout } from "./with-timeout.ts";

export type { QueueConnection, QueueLog } from "./store.ts";

export const queueNames = [
  "actions",
  "costly-actions",
  "awaiting-authorization",
  "deliveries",
  "schedules",
] as const;
export type QueueName = (typeof queueNames)[number];

/** A queued job carries the id of its row and nothing else. */
export type JobData = { jobId: string } | { deliveryId: string } | Record<string, never>;
export type JobQueue = Queue<JobData, void, string, JobData, void, string, IQueueBackend, string>;
export type JobWorker = Worker<JobData, void, string, IQueueBackend, JobProgress, string>;
export type QueuedJob = Job<JobData, void>;

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
  /** Waits up to `graceMs` for running jobs, then closes the connections; other workers take over unfinished jobs. */
  close(graceMs?: number): Promise<void>;
}

const HOUR = 3_600;
const DAY = 24 * HOUR;

// A job throws because of a bug or an unreachable database. BullMQ retries a few times; after that the relay resends it.
const jobOptions: DefaultJobOptions = {
  attempts: 5,
  backoff: { type: "exponential", delay: 1_000 },
  removeOnComplete: { age: HOUR, count: 1_000 },
  removeOnFail: { age: 7 * DAY },
};

const workerOptions = (silenceMs = 10_000) => ({
  lockDuration: silenceMs,
  stalledInterval: silenceMs / 2,
  // The job row counts crashes (job-workers.ts); BullMQ's default of 1 would fail a job permanently after two crashes.
  maxStalledCount: 1_000,
  // Pause after a refused connection; the default of 15 s is longer than most restarts take.
  runRetryDelay: 1_000,
});

/** Opens all queues. Throws a PreflightError if the queue is down or unsuitable. */
export async function connectQueues(connection: QueueConnection): Promise<Backend> {
  const warn = rateLimited(connection.log);
  const store = connection.redisUrl
    ? await openRedis(connection.redisUrl, warn)
    : openPostgres(connection, warn);
  const queues = new Map<QueueName, JobQueue>();
  const workers: JobWorker[] = [];
  const options: { connection: typeof store.kind; prefix?: string } = { connection: store.kind };

  async function close(graceMs = 10_000): Promise<void> {
    // While the queue is down, no job can complete, so waiting is useless.
    const up = await withTimeout(1_000, store.ping()).then(
      () => true,
      () => false,
    );
    await withTimeout(up ? graceMs : 1_000, Promise.all(workers.map((worker) => worker.close(!up)))).catch(
      warn,
    );
    await withTimeout(2_000, Promise.all([...queues.values()].map((queue) => queue.close()))).catch(warn);
    await withTimeout(2_000, store.end()).catch(warn);
  }

  try {
    if (store.kind === "redis") options.prefix = await prefixOf(connection);
    for (const name of queueNames) {
      const queue: JobQueue = new Queue(name, { ...options, defaultJobOptions: jobOptions }, store.factory);
      queues.set(name, queue.on("error", warn));
    }
    await withTimeout(10_000, Promise.all([...queues.values()].map((queue) => queue.waitUntilReady())));
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

/** The first part of all keys in Redis, so that installations on one Redis do not take each other's jobs. */
const prefixOf = async ({ redisPrefix, databaseUrl }: QueueConnection): Promise<string> =>
  redisPrefix ?? `countersign-${await identityOf(databaseUrl)}`;

/** A job for the queue, under our own id. */
export interface NewJob {
  id: string;
  data: JobData;
}

/** Adds a job. Does nothing if the queue still holds its id, in any state. */
export async function enqueue(queue: JobQueue, { id, data }: NewJob, delayMs = 0): Promise<void> {
  await queue.add(queue.name, data, { jobId: id, delay: delayMs });
}

/** Adds jobs that are due now. Does not use addBulk(), which wakes no idle worker in PostgreSQL. */
export async function enqueueAll(queue: JobQueue, jobs: readonly NewJob[]): Promise<void> {
  await Promise.all(jobs.map((job) => enqueue(queue, job)));
}

/** Makes a delayed job run now. Adds a new one if it is gone, or already runs and may have read the row too early. */
export async function promoteOrAdd(queue: JobQueue, id: string, fresh: NewJob): Promise<void> {
  const job = await queue.getJob(id);
  // Rejects if the job is gone, due, or promoted by another process; the state below says which.
  const promoted = await job?.promote().then(
    () => true,
    () => false,
  );
  if (promoted) return;
  const state = await queue.getJobState(id);
  if (state !== "waiting" && state !== "prioritized") await enqueue(queue, fresh);
}

/** Whether the queue will still run this job: false if it has completed, failed or been lost. */
export async function isPending(queue: JobQueue, id: string): Promise<boolean> {
  const state = await queue.getJobState(id);
  return state !== "unknown" && state !== "completed" && state !== "failed";
}

/** Checks the queue without changing it; throws a PreflightError. */
export const preflightQueue = ({
  redisUrl,
  databaseUrl,
}: Pick<QueueConnection, "redisUrl" | "databaseUrl">): Promise<Preflight> =>
  redisUrl ? preflightRedis(redisUrl) : preflightPostgres(databaseUrl);

/** The BullMQ id of a job's nth dispatch: BullMQ accepts each id once, but a job may be dispatched several times. */
export const dispatchId = (jobId: string, dispatch: number): string => `${jobId}-${dispatch}`;

/** Run as the database's owner before `connectQueues`, if the queue is in PostgreSQL. */
export { migrateQueue } from "./postgres.ts";

/** Logs each kind of error at most once per 30 s: a queue that is down raises the same error hundreds of times. */
function rateLimited(log: QueueLog): Warn {
  const lastAt = new Map<string, number>();
  return (err) => {
    const kind = err instanceof Error ? ("code" in err ? String(err.code) : err.name) : "unknown";
    if (Date.now() - (lastAt.get(kind) ?? 0) < 30_000) return;
    lastAt.set(kind, Date.now());
    log.warn({ err }, "queue connection error; it retries");
  };
}

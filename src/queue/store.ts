import type { BackendFactory, IQueueBackend } from "bullmq";

export interface QueueLog {
  warn(fields: object, message: string): void;
}

export interface QueueConnection {
  /** Redis 7 or Valkey; if undefined, the queue is in PostgreSQL. */
  redisUrl?: string | undefined;
  /** Redis only; if undefined, it is made from the identity of the database. */
  redisPrefix?: string | undefined;
  databaseUrl: string;
  /** PostgreSQL only: workers + 20; each worker holds one connection for LISTEN. */
  poolSize?: number | undefined;
  /** A worker that has not renewed its locks for this long counts as dead; other workers take over its jobs. */
  silenceMs?: number | undefined;
  log: QueueLog;
}

/** The differences between Redis and PostgreSQL; everything else is BullMQ's API. */
export interface QueueStore {
  kind: "postgres" | "redis";
  factory: BackendFactory<IQueueBackend, string>;
  ping(): Promise<void>;
  /** Closes the connections at once; call it only after queues and workers are closed. */
  end(): Promise<void>;
}

export type Warn = (error: unknown) => void;

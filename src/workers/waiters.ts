import pg from "pg";
import type { DataSource } from "typeorm";
import { rows } from "../entities/database.ts";
import { CHANNEL } from "./bell.ts";
import { repeating } from "./repeating.ts";

const POLL_MS = 1_000;
const RECONNECT_MS = 500;

export interface Waiters {
  /** Registers before the row is read, so that no call between reading and waiting is missed. */
  join(jobId: string, until: number): Waiter;
  /** How many wait now. */
  count(): number;
  /** Wakes everybody; from now on nobody waits: the process is about to stop. */
  dismiss(): void;
  dismissed(): boolean;
  /** Hears every call, whoever waits for it. */
  hear(ears: Ears): void;
  close(): Promise<void>;
}

export interface Ears {
  called(jobIds: string[]): void;
  /** The connection was cut: calls may have been lost. */
  missed(): void;
  dismissed(): void;
}

export interface Waiter {
  /** Resolves when the job was called out, or its state is no longer what `saw` said, or at the deadline. */
  woken: Promise<void>;
  /** What the row said: `stateOf()`. */
  saw(state: string): void;
  leave(): void;
}

interface Waiting {
  jobId: string;
  seen?: string;
  wake(): void;
}

/** What of a job a waiter waits to change. */
export const stateOf = (status: string, queueId: string | null): string => `${status} ${queueId ?? ""}`;

/**
 * Callers that wait for jobs, woken by NOTIFY over one connection. Calls can be lost (a cut connection, a restart), so
 * all waiters are woken after every reconnect, and one query a second looks after those that wait.
 */
export function makeWaiters(db: DataSource, databaseUrl: string, onError: (error: unknown) => void): Waiters {
  const waiting = new Set<Waiting>();
  const hearing = new Set<Ears>();
  let closed = false;
  let dismissed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  async function listen(): Promise<void> {
    const next = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
    next.on("error", onError);
    next.on("end", () => {
      if (!closed) retry = setTimeout(() => void listen(), RECONNECT_MS);
    });
    next.on("notification", ({ payload = "" }) => {
      const called = new Set(payload.split(","));
      for (const waiter of [...waiting]) if (called.has(waiter.jobId)) waiter.wake();
      for (const ears of hearing) ears.called([...called]);
    });
    try {
      await next.connect();
      await next.query(`LISTEN ${CHANNEL}`);
      client = next;
      for (const waiter of [...waiting]) waiter.wake();
      for (const ears of hearing) ears.missed();
    } catch (error) {
      onError(error);
      await next.end().catch(onError);
    }
  }

  async function poll(): Promise<void> {
    if (waiting.size === 0) return;
    const states = await rows<{ id: string; status: string; queue_id: string | null }>(
      db.manager,
      `SELECT j.id, j.status, (SELECT max(a.id) FROM "authorization" a WHERE a.job_id = j.id) AS queue_id
       FROM job j WHERE j.id = ANY($1)`,
      [[...new Set([...waiting].map(({ jobId }) => jobId))]],
    );
    const current = new Map(states.map(({ id, status, queue_id }) => [id, stateOf(status, queue_id)]));
    for (const waiter of [...waiting]) {
      if (waiter.seen !== undefined && current.get(waiter.jobId) !== waiter.seen) waiter.wake();
    }
  }

  const listening = listen();
  const polling = repeating(poll, POLL_MS, onError);

  return {
    join(jobId, until) {
      const { promise, resolve } = withResolvers();
      const waiter: Waiting = { jobId, wake };
      const deadline = setTimeout(wake, Math.max(0, until - Date.now()));
      function wake(): void {
        clearTimeout(deadline);
        waiting.delete(waiter);
        resolve();
      }
      waiting.add(waiter);
      return { woken: promise, saw: (state) => void (waiter.seen = state), leave: wake };
    },
    count: () => waiting.size,
    dismissed: () => dismissed,
    dismiss() {
      dismissed = true;
      for (const waiter of [...waiting]) waiter.wake();
      for (const ears of hearing) ears.dismissed();
    },
    hear: (ears) => void hearing.add(ears),
    async close() {
      closed = true;
      clearTimeout(retry);
      for (const waiter of [...waiting]) waiter.wake();
      await listening;
      await polling.close();
      await client?.end().catch(onError);
    },
  };
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

import pg from "pg";
import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import { CHANNEL } from "../queue/notify.ts";
import { every } from "../queue/every.ts";

const POLL_MS = 1_000;
const RECONNECT_MS = 500;
const CONNECT_MS = 5_000;

export interface Waiters {
  /**
   * Registers a waiter. Must be called before the row is read, so that no notification in between is missed. `until` is
   * in the time of performance.now().
   */
  join(jobId: string, until: number): Waiter;
  /** Number of callers that wait now. */
  count(): number;
  /** Wakes all waiters because the process is stopping. Callers must not wait again. */
  dismiss(): void;
  dismissed(): boolean;
  /** Adds a listener for every notification. */
  subscribe(listener: Listener): void;
  close(): Promise<void>;
}

export interface Listener {
  notified(jobIds: string[]): void;
  /** The connection was cut: notifications may have been lost. */
  missed(): void;
  dismissed(): void;
}

export interface Waiter {
  /** Resolves on a notification for the job, when its state differs from what `saw` reported, or at the deadline. */
  woken: Promise<void>;
  /** Reports the state that the row had: `stateOf()`. */
  saw(state: string): void;
  leave(): void;
}

interface Waiting {
  jobId: string;
  seen?: string;
  wake(): void;
}

/** The part of a job that callers wait for to change. */
export const stateOf = (status: string, queueId: string | null): string => `${status} ${queueId ?? ""}`;

/**
 * Callers that wait for jobs, woken by NOTIFY over one connection. Notifications can be lost (a cut connection, a
 * restart), so all waiters are woken after every reconnect, and one query a second reads the jobs that are waited for.
 */
export function makeWaiters(db: DataSource, databaseUrl: string, onError: (error: unknown) => void): Waiters {
  const waiting = new Set<Waiting>();
  const listeners = new Set<Listener>();
  let dismissed = false;
  const wakeAll = () => {
    for (const waiter of [...waiting]) waiter.wake();
  };

  const connection = listen(databaseUrl, {
    notified(jobIds) {
      const notified = new Set(jobIds);
      for (const waiter of [...waiting]) if (notified.has(waiter.jobId)) waiter.wake();
      for (const listener of listeners) listener.notified([...notified]);
    },
    connected() {
      wakeAll();
      for (const listener of listeners) listener.missed();
    },
    onError,
  });

  async function poll(): Promise<void> {
    if (waiting.size === 0) return;
    const current = await readStates(db, [...new Set([...waiting].map(({ jobId }) => jobId))]);
    for (const waiter of [...waiting]) {
      if (waiter.seen !== undefined && current.get(waiter.jobId) !== waiter.seen) waiter.wake();
    }
  }
  const polling = every(poll, POLL_MS, onError);

  return {
    join(jobId, until) {
      const { promise, resolve } = withResolvers();
      const waiter: Waiting = { jobId, wake };
      const deadline = setTimeout(wake, Math.max(0, until - performance.now()));
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
      wakeAll();
      for (const listener of listeners) listener.dismissed();
    },
    subscribe: (listener) => void listeners.add(listener),
    async close() {
      const closing = connection.close();
      wakeAll();
      await polling.close();
      await closing;
    },
  };
}

interface Events {
  notified(jobIds: string[]): void;
  /** The connection listens, from here on and after every reconnect. */
  connected(): void;
  onError(error: unknown): void;
}

/** Listens for notifications over one connection, and connects again whenever it is cut. */
function listen(databaseUrl: string, { notified, connected, onError }: Events): { close(): Promise<void> } {
  let closed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      ...{ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS, keepAlive: true },
    });
    next.on("error", onError);
    next.on("end", () => {
      if (!closed) retry = setTimeout(() => void connect(), RECONNECT_MS);
    });
    next.on("notification", ({ payload = "" }) => notified(payload.split(",")));
    try {
      await next.connect();
      await next.query(`LISTEN ${CHANNEL}`);
      client = next;
      connected();
    } catch (error) {
      onError(error);
      await next.end().catch(onError);
    }
  }

  const connecting = connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await connecting;
      await client?.end().catch(onError);
    },
  };
}

/** The states of these jobs, by id: `stateOf()`. */
async function readStates(db: DataSource, jobIds: string[]): Promise<Map<string, string>> {
  const states = await rows<{ id: string; status: string; queue_id: string | null }>(
    db.manager,
    `SELECT j.id, j.status, (SELECT max(a.id) FROM "authorization" a WHERE a.job_id = j.id) AS queue_id
     FROM job j WHERE j.id = ANY($1)`,
    [jobIds],
  );
  return new Map(states.map(({ id, status, queue_id }) => [id, stateOf(status, queue_id)]));
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { DataSource, EntityManager } from "typeorm";
import { rows } from "./sql.ts";

/** When the database stops a read that is still running. */
export interface ReadLimits {
  /** Longest time in the database. Default: no limit. */
  timeoutMs?: number | undefined;
  /** Aborts when the caller is gone. */
  signal?: AbortSignal | undefined;
}

/** The database stopped a read. `timeoutMs` is the limit that it exceeded; undefined: its caller is gone. */
export class ReadStopped extends Error {
  readonly timeoutMs: number | undefined;

  constructor(timeoutMs?: number) {
    super(timeoutMs === undefined ? "the caller of a read is gone" : `a read took more than ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** A cancel request has no effect between two statements, so it is sent again until the read has ended. */
const REPEAT_CANCEL_MS = 50;

/**
 * Runs reads in one read-only snapshot. After `timeoutMs`, or when `signal` aborts, PostgreSQL cancels the running
 * statement, and this throws ReadStopped. The connection returns to the pool only after the last cancel request was
 * delivered, so that none reaches the statement of another caller.
 */
export async function readSnapshot<T>(
  db: DataSource,
  limits: ReadLimits,
  work: (snapshot: EntityManager) => Promise<T>,
): Promise<T> {
  if (limits.signal?.aborted) throw new ReadStopped();
  return db.transaction("REPEATABLE READ", async (snapshot) => {
    await rows(snapshot, "SET TRANSACTION READ ONLY");
    const stop = stopOn(limits);
    const cancelling = cancelAfter(await backendOf(snapshot), stop.signal);
    try {
      const result = await work(snapshot);
      stop.signal.throwIfAborted();
      return result;
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      await cancelling.end();
      stop.clear();
    }
  });
}

/** A signal that aborts with ReadStopped: after the longest time, or when the caller is gone. */
function stopOn({ timeoutMs, signal }: ReadLimits): { signal: AbortSignal; clear(): void } {
  const stop = new AbortController();
  const gone = () => stop.abort(new ReadStopped());
  if (signal?.aborted) gone();
  signal?.addEventListener("abort", gone, { once: true });
  const timer = timeoutMs && setTimeout(() => stop.abort(new ReadStopped(timeoutMs)), timeoutMs);
  return {
    signal: stop.signal,
    clear() {
      signal?.removeEventListener("abort", gone);
      if (timer) clearTimeout(timer);
    },
  };
}

/** What a cancel request needs to know about a connection. */
interface Server {
  host: string;
  port: number;
  processID: number;
  secretKey: number;
}

async function backendOf({ queryRunner }: EntityManager): Promise<Server> {
  if (!queryRunner) throw new Error("a snapshot is a transaction");
  return (await queryRunner.connect()) as Server; // pg's client: it has these, though its types leave out two of them.
}

/** Sends cancel requests from the moment that `signal` aborts; `end` stops that and waits for the one under way. */
function cancelAfter(server: Server, signal: AbortSignal): { end(): Promise<void> } {
  let ended = false;
  let sending: Promise<void> = Promise.resolve();
  const send = async () => {
    while (!ended) {
      await cancelRequest(server).catch(() => undefined); // The server is down: then the read ends too.
      if (!ended) await pause(REPEAT_CANCEL_MS);
    }
  };
  const begin = () => void (sending = send());
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return {
    async end() {
      ended = true;
      signal.removeEventListener("abort", begin);
      await sending;
    },
  };
}

const CANCEL_REQUEST_CODE = 80_877_102;
const LONGEST_CANCEL_MS = 5_000;

/**
 * PostgreSQL's CancelRequest message, on a connection of its own. The server closes that connection once it has sent the
 * signal: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
async function cancelRequest({ host, port, processID, secretKey }: Server): Promise<void> {
  const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  const message = Buffer.alloc(16);
  [16, CANCEL_REQUEST_CODE, processID, secretKey].forEach((value, at) => message.writeInt32BE(value, at * 4));
  socket.setTimeout(LONGEST_CANCEL_MS, () => socket.destroy());
  socket.resume().write(message);
  await once(socket, "close");
}

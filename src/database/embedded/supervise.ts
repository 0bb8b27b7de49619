import { setTimeout as sleep } from "node:timers/promises";

const CHECK_MS = 250;
const MAX_RESTARTS = 5;
const WINDOW_MS = 10 * 60_000;

/** Pause after a restart that failed, doubled each time: a disk that is full for a moment needs one. */
const PAUSE_MS = 500;

/** Who wants the server to run as long as this process does. */
export interface Supervisor {
  /** Called when the server has died and is about to be started again. */
  onRestart(line: string): void;
  /** Called once, with one line for a person, when it is not started again. */
  onLost(error: Error): void;
}

interface Supervised extends Supervisor {
  isUp(): Promise<boolean>;
  /** Starts the server at the same address, unless another process that uses it has done so. */
  restart(): Promise<void>;
  logFile: string;
}

/**
 * Starts a server again whenever it dies, at most five times in ten minutes: one that dies more often has a cause that
 * only a person can remove. Resolves once a running restart has ended.
 */
export function supervise(server: Supervised): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const watching = watch(server, stopping.signal).catch(server.onLost);
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

async function watch(server: Supervised, stopped: AbortSignal): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopped, ref: false }).catch(() => undefined);
  const deaths: number[] = [];
  let failures = 0;
  for (;;) {
    await pause(CHECK_MS);
    if (stopped.aborted) return;
    if (await server.isUp()) continue;
    const now = performance.now();
    deaths.push(now);
    while (deaths[0] !== undefined && deaths[0] < now - WINDOW_MS) deaths.shift();
    if (deaths.length > MAX_RESTARTS) throw diedTooOften(server.logFile);
    server.onRestart(
      `PostgreSQL has died and is started again (${deaths.length} of ${MAX_RESTARTS} in ten minutes)`,
    );
    try {
      await server.restart();
      failures = 0;
    } catch (error) {
      server.onRestart(String(error));
      await pause(PAUSE_MS * 2 ** failures++);
    }
  }
}

const diedTooOften = (logFile: string): Error =>
  new Error(
    `PostgreSQL has died ${MAX_RESTARTS + 1} times within ten minutes and is not started again. Read ${logFile}, remove the cause, and start Countersign.`,
  );

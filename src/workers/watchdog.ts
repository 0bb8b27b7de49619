import { url as debuggerUrl } from "node:inspector";
import { Worker } from "node:worker_threads";

/** Kills this process if its main thread is blocked, as in an endless loop. */
export interface Watchdog {
  /** Runs the work; if the process is killed meanwhile, its last log line names the job. */
  over<Result>(jobId: string, work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Number of checks without a heartbeat after which the process is killed. */
const CHECKS = 10;

/** Buffer size for the ids of all running jobs. */
const NAMES_BYTES = 4_096;

/**
 * Code of the watchdog thread, in plain JavaScript because threads do not inherit the TypeScript loader. Writes to the
 * file descriptor, because the streams of `process` belong to the main thread. Counts checks instead of time, so that a
 * suspended process survives. Logs one check before the kill, so that a process blocked only by its terminal survives.
 */
const THREAD = `
  const { writeSync } = require("node:fs");
  const { beats, names, checkMs, checks } = require("node:worker_threads").workerData;
  let last = 0, missed = 0;
  const report = () => {
    const text = Buffer.from(names.slice(0, names.indexOf(0))).toString();
    const msg = "this process is blocked, as in an endless loop, and is killed; another worker repeats its jobs, or this one after a restart";
    const line = { level: 60, time: Date.now(), pid: process.pid, job_ids: text.split(" ").filter(Boolean), msg };
    try { writeSync(2, JSON.stringify(line) + "\\n"); } catch {} // stderr is closed.
  };
  setInterval(() => {
    const beat = Atomics.load(beats, 0);
    missed = beat === last && beat !== 0 ? missed + 1 : 0;
    last = beat;
    if (missed === checks) report();
    if (missed > checks) process.kill(process.pid, "SIGKILL");
  }, checkMs);
`;

/** Starts the watchdog; `maxBlockedMs` is how long the main thread may be blocked. */
export function makeWatchdog(maxBlockedMs: number): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const names = new Uint8Array(new SharedArrayBuffer(NAMES_BYTES));
  const running: string[] = [];
  const checkMs = maxBlockedMs / CHECKS;

  // Zero disables the check: a debugger may pause the process.
  const beat = () => void Atomics.store(beats, 0, debuggerUrl() ? 0 : (Atomics.load(beats, 0) % 1_000) + 1);
  const write = () => {
    const { written } = new TextEncoder().encodeInto(running.join(" "), names.subarray(0, -1));
    names[written] = 0;
  };
  beat();
  const timer = setInterval(beat, checkMs / 2);
  const workerData = { beats, names, checkMs, checks: CHECKS };
  const thread = new Worker(THREAD, { eval: true, env: {}, execArgv: [], workerData });
  thread.unref();
  timer.unref();

  return {
    async over(jobId, work) {
      running.push(jobId);
      write();
      try {
        return await work();
      } finally {
        running.splice(running.indexOf(jobId), 1);
        write();
      }
    },
    async close() {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}

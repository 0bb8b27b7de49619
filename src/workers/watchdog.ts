import { url as debuggerAt } from "node:inspector";
import { Worker } from "node:worker_threads";

/** Ends this process where its main thread stands still, as in an endless loop. */
export interface Watchdog {
  /** While this work is under way, its job is among those that the last line names. */
  over<Result>(jobId: string, work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** How often the thread looks until its patience is over. */
const LOOKS = 10;

/** Room for the ids of everything that one process has in hand. */
const NAMES_BYTES = 4_096;

/**
 * The thread: plain JavaScript, since it does not inherit what runs our TypeScript. It writes by itself, because the
 * streams of `process` are the main thread's. It counts looks and no time: a process that was suspended has not looked
 * either. It tells one look before the end: who held the terminal still meanwhile, and nothing else, gets away.
 */
const THREAD = `
  const { writeSync } = require("node:fs");
  const { beats, names, lookMs, looks } = require("node:worker_threads").workerData;
  let last = 0, missed = 0;
  const tell = () => {
    const text = Buffer.from(names.slice(0, names.indexOf(0))).toString();
    const msg = "this process stands still, as in an endless loop, and is ended; what it held is done by another, or once it is started again";
    const line = { level: 60, time: Date.now(), pid: process.pid, job_ids: text.split(" ").filter(Boolean), msg };
    try { writeSync(2, JSON.stringify(line) + "\\n"); } catch {} // Nobody reads.
  };
  setInterval(() => {
    const beat = Atomics.load(beats, 0);
    missed = beat === last && beat !== 0 ? missed + 1 : 0;
    last = beat;
    if (missed === looks) tell();
    if (missed > looks) process.kill(process.pid, "SIGKILL");
  }, lookMs);
`;

/** Watches from now on; `patienceMs` is how long the main thread may stand still. */
export function makeWatchdog(patienceMs: number): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const names = new Uint8Array(new SharedArrayBuffer(NAMES_BYTES));
  const inHand: string[] = [];
  const lookMs = patienceMs / LOOKS;

  // Zero: a person with a debugger may stop it as long as they like.
  const beat = () => void Atomics.store(beats, 0, debuggerAt() ? 0 : (Atomics.load(beats, 0) % 1_000) + 1);
  const write = () => {
    const { written } = new TextEncoder().encodeInto(inHand.join(" "), names.subarray(0, -1));
    names[written] = 0;
  };
  beat();
  const timer = setInterval(beat, lookMs / 2);
  const workerData = { beats, names, lookMs, looks: LOOKS };
  const thread = new Worker(THREAD, { eval: true, env: {}, execArgv: [], workerData });
  thread.unref();
  timer.unref();

  return {
    async over(jobId, work) {
      inHand.push(jobId);
      write();
      try {
        return await work();
      } finally {
        inHand.splice(inHand.indexOf(jobId), 1);
        write();
      }
    },
    async close() {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}

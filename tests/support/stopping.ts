import { eventually } from "./eventually.ts";
import type { House, Process } from "./house.ts";
import { preloading } from "./preloading.ts";

/** Where a process can be stopped: five steps of a worker, and one of the API. */
export type Step =
  "fetched" | "row locked" | "effect done" | "before commit" | "after commit" | "request written";

interface Stop {
  step: Step;
  signal: "SIGKILL" | "SIGSTOP";
  /** Stops when so many jobs stand at the step. */
  nth: number;
}

/** How many jobs one worker process does side by side. */
export const AT_ONCE = 16;

/** A process of the product that will stop itself at a step. */
export const spawnStopping = (
  house: House,
  services: string,
  { step, signal, nth }: Stop,
): Promise<Process> =>
  house.spawn(services, {
    ...preloading("stop-at.ts"),
    STOP_STEP: step,
    STOP_SIGNAL: signal,
    STOP_NTH: String(nth),
  });

/** Resolves once the process has stopped itself; fails where it ended otherwise. */
export const stopped = (stopping: Process): Promise<void> =>
  eventually(() => expect(stopping.output()).toContain("stopped at"));

import { eventually } from "./eventually.ts";
import type { TestApp, Process } from "./app.ts";
import { preloading } from "./programs.ts";

/** The steps at which a process can be stopped: five of a worker, one of the API. */
export type Step =
  "fetched" | "row locked" | "effect done" | "before commit" | "after commit" | "request written";

/** Jobs that one worker process runs at the same time. */
export const WORKER_CONCURRENCY = 16;

/** What a process writes before the name of the step at which it holds its jobs. */
export const HOLDS = "holds its jobs at";

/** Starts a process of the product that holds its jobs at a step; stop it once `nth` jobs are there. */
export const spawnStopping = (
  app: TestApp,
  services: string,
  { step, nth }: { step: Step; nth: number },
): Promise<Process> =>
  app.spawn(services, { ...preloading("stop-at"), STOP_STEP: step, STOP_NTH: String(nth) });

/**
 * Stops the processes together, once each holds its jobs: a worker that got a dead one's jobs before would run those one
 * at a time, and never hold as many as it should.
 */
export async function stopTogether(processes: Process[], signal: "SIGKILL" | "SIGSTOP"): Promise<void> {
  await eventually(() => processes.forEach((each) => expect(each.output()).toContain(HOLDS)));
  for (const { child } of processes) child.kill(signal);
  if (signal === "SIGKILL") await Promise.all(processes.map((each) => each.end(signal)));
}

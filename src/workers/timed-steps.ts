import type { ExecuteOptions } from "../domain/engine/execute.ts";

type Trace = NonNullable<ExecuteOptions["trace"]>;

/** One step of a job and how long it took. */
export interface TimedStep {
  step: Parameters<Trace>[0];
  ms: number;
}

/** Starts measuring: each step's time counts from the previous one. */
export function timeSteps(): { trace: Trace; steps: TimedStep[] } {
  const steps: TimedStep[] = [];
  let last = performance.now();
  return {
    steps,
    trace(step) {
      const now = performance.now();
      steps.push({ step, ms: Math.round((now - last) * 100) / 100 });
      last = now;
    },
  };
}

/** `claim 0.8 ms → judge 0.4 ms → handler 2.1 ms → commit 1.9 ms` */
export const timingsText = (steps: readonly TimedStep[]): string =>
  steps.map(({ step, ms }) => `${step} ${ms} ms`).join(" → ");

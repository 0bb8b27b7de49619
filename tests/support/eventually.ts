import { setTimeout } from "node:timers/promises";

const POLL_MS = 50;

/** Retries `attempt` until it succeeds; resolves with its result, throws its last error after `withinMs`. */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  withinMs = 30_000,
): Promise<Result> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= until) throw error;
    }
    await setTimeout(POLL_MS);
  }
}

import { setTimeout } from "node:timers/promises";

const POLL_MS = 50;

/** Tries until `attempt` no longer throws, and answers what it answered; throws its last error when the time is up. */
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

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestApp } from "./app.ts";

/** Arguments of `node` that start the product with a clock that tests control. */
export const withClock = ["--import", "tsx", fileURLToPath(new URL("start-with-clock.ts", import.meta.url))];

/** Sets the clock of every process of an app that was started with `clock`. */
export async function setClock({ processes }: TestApp, now: Date): Promise<void> {
  await Promise.all(
    processes.map(async ({ child }) => {
      const moved = once(child, "message");
      child.send({ now: now.toISOString() });
      await moved;
    }),
  );
}

import { eventually } from "./eventually.ts";

/** Number of requests that wait for a job in an API process. */
export async function waitingCallers({ url }: { url: string }): Promise<number> {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return Number(/^countersign_waiting_callers (\d+)$/m.exec(text)?.[1]);
}

/** Resolves once `count` requests wait. */
export const untilCallersWait = (api: { url: string }, count: number): Promise<void> =>
  eventually(async () => expect(await waitingCallers(api)).toBe(count));

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Clock ticks per second that /proc counts in; the same on every Linux of today. */
const TICKS = 100;

/** Processor time that these processes have used so far, in ms; undefined where there is no /proc. */
export function cpuMs(pids: readonly number[]): number | undefined {
  try {
    const ticks = pids.map((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return Number(fields[11]) + Number(fields[12]); // utime and stime
    });
    return (ticks.reduce((sum, each) => sum + each, 0) * 1_000) / TICKS;
  } catch {
    return undefined;
  }
}

/** Share of one core, in percent, that the processes use while nobody asks them anything. */
export async function idlePercent(pids: readonly number[], seconds: number): Promise<number | null> {
  const before = cpuMs(pids);
  await sleep(seconds * 1_000);
  const after = cpuMs(pids);
  return before === undefined || after === undefined ? null : (after - before) / (seconds * 10);
}

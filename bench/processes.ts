import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Clock ticks per second in /proc; the same on every current Linux. */
const TICKS = 100;

/** CPU time that these processes have used so far; undefined without /proc. */
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

/** CPU use of the idle processes in percent of one core. */
export async function idlePercent(pids: readonly number[], seconds: number): Promise<number | null> {
  const before = cpuMs(pids);
  await sleep(seconds * 1_000);
  const after = cpuMs(pids);
  return before === undefined || after === undefined ? null : (after - before) / (seconds * 10);
}

/** Memory of a process in MB (VmRSS); 0 without /proc. */
export const memoryMb = (pid: number): number => statusMb(pid, "VmRSS");

/** The most memory that a process has had so far, in MB (VmHWM); 0 without /proc. */
export const peakMemoryMb = (pid: number): number => statusMb(pid, "VmHWM");

function statusMb(pid: number, field: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1_024);
  } catch {
    return 0;
  }
}

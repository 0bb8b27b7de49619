import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const LOCK_PATIENCE = 180_000;
const run = promisify(execFile);
const hasProc = process.platform === "linux" && existsSync("/proc/self/stat");

/** Names one run of one program: its pid and, where the kernel tells, its start. Undefined: not running, or a zombie. */
export async function runOf(pid: number): Promise<string | undefined> {
  if (!hasProc) return answersSignals(pid) ? `${pid}` : undefined;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name in brackets may hold spaces, so count from its end: state is first, start time is the 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return /[ZX]/.test(fields[0] ?? "") ? undefined : `${pid} ${fields[19]}`;
}

/** Whether the run that `runOf` once named still lives; a pid that was given to a newcomer does not count. */
export async function isLive(named: string): Promise<boolean> {
  const pid = Number.parseInt(named, 10);
  return Number.isInteger(pid) && (await runOf(pid)) === named;
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Whether `pid` is a PostgreSQL that works on `data` (its absolute real path), rather than whoever got the pid since. */
export async function isPostmasterOf(pid: number, data: string): Promise<boolean> {
  if ((await runOf(pid)) === undefined) return false;
  if (hasProc) {
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    return name.trim() === "postgres" && folder === data;
  }
  if (process.platform === "win32") return true;
  const command = await run("ps", ["-o", "command=", "-p", `${pid}`]).catch(() => ({ stdout: "" }));
  return command.stdout.includes(data);
}

/** Runs `work` while no other process holds the lock file `path`. A lock whose holder died is broken. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  const deadline = Date.now() + LOCK_PATIENCE;
  for (;;) {
    if (await claimed(path)) return;
    const holder = await readIfThere(path);
    if (holder === undefined) continue;
    if (!(await isLive(holder))) {
      await breakLock(path, holder);
    } else if (Date.now() > deadline) {
      throw new Error(
        `Process ${holder.split(" ")[0]} has held ${path} for minutes. End it, then start again.`,
      );
    } else {
      await sleep(50);
    }
  }
}

/** Itself under a lock, and looks again: else two who saw the same dead holder could break a newcomer's lock. */
async function breakLock(path: string, holder: string): Promise<void> {
  await withLock(`${path}.break`, async () => {
    if ((await readIfThere(path)) === holder) await rm(path, { force: true });
  });
}

async function claimed(path: string): Promise<boolean> {
  // A hard link appears with its content at once: nobody ever reads a lock without a holder.
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, (await runOf(process.pid)) ?? `${process.pid}`);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The file's text, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The `code` that Node and PostgreSQL put on their errors. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

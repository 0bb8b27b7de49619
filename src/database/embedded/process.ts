import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const LOCK_TIMEOUT_MS = 180_000;
const run = promisify(execFile);
const hasProc = process.platform === "linux" && existsSync("/proc/self/stat");

/** Identifies one run of a process: its pid and, on Linux, its start time. Undefined: not running, or a zombie. */
export async function runOf(pid: number): Promise<string | undefined> {
  if (!hasProc) return answersSignals(pid) ? `${pid}` : undefined;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name in brackets may contain spaces, so count from its end: state is the 1st field, start time the 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return /[ZX]/.test(fields[0] ?? "") ? undefined : `${pid} ${fields[19]}`;
}

/** Whether a run that `runOf` identified is still alive. A process that got the same pid later does not count. */
export async function isLive(run: string): Promise<boolean> {
  const pid = Number.parseInt(run, 10);
  return Number.isInteger(pid) && (await runOf(pid)) === run;
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Whether `pid` is a PostgreSQL server on `data` (absolute real path) and not another program that got the pid later. */
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

/** Runs `work` while no other process holds the lock file `path`. A lock of a dead process is removed. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    if (await tryAcquire(path)) return;
    const holder = await readIfThere(path);
    if (holder === undefined) continue;
    if (!(await isLive(holder))) {
      await breakLock(path, holder);
    } else if (Date.now() > deadline) {
      throw new Error(
        `Process ${holder.split(" ")[0]} has held the lock ${path} for three minutes. Stop that process, then start again.`,
      );
    } else {
      await sleep(50);
    }
  }
}

/** Re-checks the holder under a second lock: otherwise two processes that saw the same dead holder could remove a third one's lock. */
async function breakLock(path: string, holder: string): Promise<void> {
  await withLock(`${path}.break`, async () => {
    if ((await readIfThere(path)) === holder) await rm(path, { force: true });
  });
}

async function tryAcquire(path: string): Promise<boolean> {
  // A hard link appears together with its content: no process reads a lock without a holder.
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

/** The file's text, or undefined if it does not exist. */
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

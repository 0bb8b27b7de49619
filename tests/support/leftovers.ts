import type { ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Processes, folders and servers that a test file has started and not ended. jest/environment.cjs clears them at the end
 * of the file, also after a hook timed out; the global teardown clears what a killed jest worker has left.
 */
const children = new Set<ChildProcess>();
const folders = new Set<string>();
const closers = new Set<() => void>();
let over = false;

/** The global under which jest/environment.cjs finds clearLeftovers(). */
const CLEAR = Symbol.for("countersign.clearLeftovers");
(globalThis as Record<symbol, unknown>)[CLEAR] = clearLeftovers;

/** Registers a process right after its start, so that it is killed at the end of its test file. */
export function trackChild<Child extends ChildProcess>(child: Child): Child {
  if (over) {
    child.kill("SIGKILL");
    throw new Error("the test file that started this process is over");
  }
  children.add(child);
  const record = child.pid === undefined ? undefined : recordOf(child.pid);
  if (record) writeFileSync(record, child.spawnargs.join(" "));
  child.once("exit", () => {
    children.delete(child);
    if (record) rmSync(record, { force: true });
  });
  return child;
}

/** Creates a folder that is removed at the end of its test file. */
export async function tempFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(process.env["TEST_FOLDER"] ?? tmpdir(), `countersign-${name}-`));
  folders.add(folder);
  if (over) clearLeftovers();
  return folder;
}

/** Registers a function that closes a server of this process at once. */
export const trackServer = (close: () => void): void => void closers.add(close);

/** Synchronous: the process may be about to exit. */
export function clearLeftovers(): void {
  over = true;
  for (const child of children) child.kill("SIGKILL");
  for (const close of closers) close();
  for (const folder of folders) clearFolder(folder);
  children.clear();
  folders.clear();
  closers.clear();
}

/** Kills the PostgreSQL servers with data folders inside a folder, then removes the folder. */
export function clearFolder(folder: string): void {
  for (const pidFile of pidFiles(folder)) kill(Number.parseInt(readFileSync(pidFile, "utf8"), 10));
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

/** Kills the recorded processes of a run that are still alive; returns their command lines. */
export function killRecorded(runFolder: string): string[] {
  return namesIn(join(runFolder, RECORDS)).map((pid) => {
    kill(Number(pid));
    return readFileSync(join(runFolder, RECORDS, pid), "utf8");
  });
}

const RECORDS = "children";

/** The path of a process's record, which the global teardown reads; undefined outside of jest. */
function recordOf(pid: number): string | undefined {
  const runFolder = process.env["TEST_FOLDER"];
  if (!runFolder) return undefined;
  mkdirSync(join(runFolder, RECORDS), { recursive: true });
  return join(runFolder, RECORDS, String(pid));
}

const pidFiles = (folder: string): string[] =>
  namesIn(folder, true)
    .filter((name) => name.endsWith("postmaster.pid"))
    .map((name) => join(folder, name));

function namesIn(folder: string, recursive = false): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: "utf8" });
  } catch {
    return []; // The folder does not exist.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The process has already exited.
  }
}

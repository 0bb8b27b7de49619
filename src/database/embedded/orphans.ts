import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { runOf } from "./process.ts";

const TIMEOUT_MS = 5_000;

/**
 * Kills the backends that a killed postmaster has left on `data`: a busy one notices only when it next waits, and until
 * then no server can start. Safe, because the next start recovers from the write-ahead log as after any crash. Does
 * nothing if a postmaster is among them, and without /proc: there the start repeats until they are gone.
 */
export async function endOrphans(data: string): Promise<void> {
  const found = await processesIn(data);
  if (found.some(({ title }) => !title.startsWith("postgres: "))) return;
  for (const { pid } of found) kill(pid);
  const deadline = Date.now() + TIMEOUT_MS;
  for (const { pid } of found) {
    while ((await runOf(pid)) !== undefined && Date.now() < deadline) await sleep(10);
  }
}

async function processesIn(folder: string): Promise<{ pid: number; title: string }[]> {
  const names = await readdir("/proc").catch(() => []);
  const found = names.map(async (name) => {
    if (!/^\d+$/.test(name) || (await readlink(`/proc/${name}/cwd`).catch(() => "")) !== folder) return [];
    const title = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    return title === "" ? [] : [{ pid: Number(name), title }]; // Without a title: a zombie.
  });
  return (await Promise.all(found)).flat();
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

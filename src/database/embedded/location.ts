import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, realpath, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { readIfThere } from "./process.ts";

/** For data that the server's OS user cannot reach in DATA_DIR when root starts Countersign. */
export const SYSTEM_FOLDER = "/var/lib/countersign";
const ELSEWHERE = "start as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer";
const run = promisify(execFile);

/** The OS user of PostgreSQL. Empty: the current user. PostgreSQL refuses to run as root. */
export interface Account {
  uid?: number;
  gid?: number;
}

/** `base` contains the cluster (`data`), its password and the list of processes that use it. */
export interface Place {
  base: string;
  data: string;
  account: Account;
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Options for running PostgreSQL's programs: outside our folder, which their user may not enter, and without our environment. */
export function spawnOptions(account: Account): Account & { cwd?: string; env?: NodeJS.ProcessEnv } {
  if (process.platform === "win32") return {};
  return { ...account, cwd: "/", env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" } };
}

/** Refuses a folder of another OS user, because its password also belongs to that user. */
export async function checkOwner(home: string): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined || uid === 0 || (await stat(home)).uid === uid) return;
  throw new Error(
    `${home} belongs to another OS user. Start as that user (root, if root started it first), or choose another DATA_DIR.`,
  );
}

/** Finds or chooses the cluster's location below `home`. The choice is stored, so it never changes. */
export async function findPlace(home: string, log: (line: string) => void): Promise<Place> {
  if (!isRoot()) return placeAt(home, {});
  await chmod(home, 0o711);
  const moved = await movedTo(home);
  const base = moved ?? home;
  const owner = await stat(join(base, "data", "PG_VERSION")).catch(() => undefined);
  const account = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : await postgresAccount();
  if (moved === undefined && !owner && !(await canEnter(home, account))) {
    return placeAt(await moveOut(home, log), account);
  }
  if (moved !== undefined) log(`PostgreSQL stores its data in ${base}`);
  return placeAt(base, account);
}

function placeAt(base: string, account: Account): Place {
  return { base, data: join(base, "data"), account };
}

async function movedTo(home: string): Promise<string | undefined> {
  const pointer = join(home, "location");
  const base = (await readIfThere(pointer))?.trim();
  if (base !== undefined && !existsSync(base)) {
    throw new Error(
      `${pointer} says that the data is in ${base}, which does not exist. Restore it from a backup, or delete ${home} to start with an empty database.`,
    );
  }
  return base;
}

async function moveOut(home: string, log: (line: string) => void): Promise<string> {
  // A random name: after DATA_DIR is deleted, the next start must not find the old data.
  const base = join(SYSTEM_FOLDER, randomBytes(6).toString("hex"));
  await mkdir(base, { recursive: true });
  await chmod(SYSTEM_FOLDER, 0o755);
  await chmod(base, 0o711);
  await writeFile(join(home, "location.new"), `${base}\n`);
  await rename(join(home, "location.new"), join(home, "location"));
  log(`PostgreSQL's OS user cannot enter ${home}: its data is stored in ${base}`);
  return await realpath(base);
}

async function canEnter(folder: string, account: Account): Promise<boolean> {
  return run("/bin/sh", ["-c", 'cd "$1"', "sh", folder], spawnOptions(account)).then(
    () => true,
    () => false,
  );
}

async function postgresAccount(): Promise<Account> {
  const found = await lookUp();
  if (found) return found;
  await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", "postgres"])
    .catch(() => run("adduser", ["--system", "--group", "--no-create-home", "postgres"]))
    .catch(() => run("adduser", ["-S", "-D", "-H", "postgres"]))
    .catch(() => undefined);
  const created = await lookUp();
  if (created) return created;
  throw new Error(
    `PostgreSQL refuses to run as root and the OS user "postgres" could not be created: ${ELSEWHERE}.`,
  );
}

async function lookUp(): Promise<Account | undefined> {
  for (const name of ["postgres", "_postgres"]) {
    try {
      const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, name])));
      return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
    } catch {
      continue;
    }
  }
  return undefined;
}

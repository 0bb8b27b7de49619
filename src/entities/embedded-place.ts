import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, realpath, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { readIfThere } from "./embedded-process.ts";

/** Where root keeps what the server's own OS user could not reach elsewhere. */
export const SYSTEM_FOLDER = "/var/lib/countersign";
const ELSEWHERE = "start as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer";
const run = promisify(execFile);

/** As whom PostgreSQL runs: empty means as ourselves; root may not, so there it is another OS user. */
export interface Account {
  uid?: number;
  gid?: number;
}

/** `base` holds the cluster (`data`), its password and who uses it. */
export interface Place {
  base: string;
  data: string;
  account: Account;
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** How to run PostgreSQL's programs: not in our folder, which their user may not enter, and not with our settings. */
export function spawnOptions(account: Account): Account & { cwd?: string; env?: NodeJS.ProcessEnv } {
  if (process.platform === "win32") return {};
  return { ...account, cwd: "/", env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" } };
}

/** Refuses a folder that another user's start made: its secrets are theirs. */
export async function checkOwner(home: string): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined || uid === 0 || (await stat(home)).uid === uid) return;
  throw new Error(
    `${home} belongs to another OS user. Start as that user (root, if root started it first), or choose another DATA_DIR.`,
  );
}

/** Finds the cluster's place below `home`, or decides on one. The choice is written down, so it never changes. */
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
  if (moved !== undefined) log(`PostgreSQL keeps its data in ${base}`);
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
      `${pointer} says the data is in ${base}, which is gone. Restore it, or delete ${home} to begin anew.`,
    );
  }
  return base;
}

async function moveOut(home: string, log: (line: string) => void): Promise<string> {
  // A fresh name, not one made from the path: whoever deletes the data folder begins anew, not with old data.
  const base = join(SYSTEM_FOLDER, randomBytes(6).toString("hex"));
  await mkdir(base, { recursive: true });
  await chmod(SYSTEM_FOLDER, 0o755);
  await chmod(base, 0o711);
  await writeFile(join(home, "location.new"), `${base}\n`);
  await rename(join(home, "location.new"), join(home, "location"));
  log(`PostgreSQL's OS user cannot enter ${home}: its data goes to ${base}`);
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
  const made = await lookUp();
  if (made) return made;
  throw new Error(
    `PostgreSQL refuses to run as root and the OS user "postgres" could not be made: ${ELSEWHERE}.`,
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

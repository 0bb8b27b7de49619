import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { program } from "./binaries.ts";
import { spawnOptions, type Place } from "./location.ts";
import { readIfThere } from "./process.ts";
import { NAME, type Server } from "./server.ts";

const run = promisify(execFile);

/** Other OS users can reach the port, so the server requires a password. Only this OS user can read its file. */
export async function passwordOf({ base, data }: Place): Promise<string> {
  const path = join(base, "password");
  const stored = await readIfThere(path);
  if (stored) return stored;
  if (existsSync(join(data, "PG_VERSION")))
    throw new Error(
      `${path} is missing, and the database cannot be opened without it. Restore the file from a backup.`,
    );
  const password = randomBytes(24).toString("hex");
  await writeFile(`${path}.new`, password, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return password;
}

/** Creates the cluster in a temporary folder and renames it at the end, so that a crash leaves no partial cluster. */
export async function ensureCluster({ place, native, password, settings }: Server): Promise<void> {
  for (const name of await readdir(place.base)) {
    if (name.startsWith("init-"))
      await rm(join(place.base, name), { recursive: true }).catch(() => undefined);
  }
  if (existsSync(join(place.data, "PG_VERSION"))) return;
  if (existsSync(place.data)) await rename(place.data, `${place.data}.incomplete-${Date.now()}`);
  const work = join(place.base, `init-${randomBytes(4).toString("hex")}`);
  const [data, passwordFile] = [join(work, "data"), join(work, "password")];
  await mkdir(work, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = place.account;
  if (uid !== undefined && gid !== undefined) {
    await chown(passwordFile, uid, gid);
    await chown(work, uid, gid);
  }
  const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  const access = ["--username", NAME, "--pwfile", passwordFile, "--auth=scram-sha-256"];
  // Only clusters that may be lost (tests) skip the sync.
  const sync = settings["fsync"] === "off" ? ["--no-sync"] : [];
  await run(
    program(native, "initdb"),
    ["-D", data, ...locale, ...access, ...sync],
    spawnOptions(place.account),
  );
  await rename(data, place.data);
  await rm(work, { recursive: true });
}

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { program } from "./embedded-binaries.ts";
import { spawnOptions, type Place } from "./embedded-place.ts";
import { readIfThere } from "./embedded-process.ts";
import { NAME, type Server } from "./embedded-server.ts";

const run = promisify(execFile);

/** Kept beside the data, for us alone: other users of this machine may reach the port. */
export async function passwordOf({ base, data }: Place): Promise<string> {
  const path = join(base, "password");
  const kept = await readIfThere(path);
  if (kept) return kept;
  if (existsSync(join(data, "PG_VERSION")))
    throw new Error(`${path} is missing. Restore it from a backup: the data is locked without it.`);
  const made = randomBytes(24).toString("hex");
  await writeFile(`${path}.new`, made, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return made;
}

/** Makes the cluster in a folder of its own and renames it when it is whole: a crash leaves no half cluster. */
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
  const wording = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  const access = ["--username", NAME, "--pwfile", passwordFile, "--auth=scram-sha-256"];
  // Only a cluster that may be lost anyway (tests) skips the sync.
  const sync = settings["fsync"] === "off" ? ["--no-sync"] : [];
  await run(
    program(native, "initdb"),
    ["-D", data, ...wording, ...access, ...sync],
    spawnOptions(place.account),
  );
  await rename(data, place.data);
  await rm(work, { recursive: true });
}

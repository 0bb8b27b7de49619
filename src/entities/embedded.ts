import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findBinaries } from "./embedded-binaries.ts";
import { ensureCluster, passwordOf } from "./embedded-cluster.ts";
import { checkOwner, findPlace } from "./embedded-place.ts";
import { isLive, runOf, withLock } from "./embedded-process.ts";
import { ask, launch, NAME, runningPort, stopServer, urlOf, type Server } from "./embedded-server.ts";

/** A PostgreSQL that answers. */
export interface EmbeddedPostgres {
  /** Names the cluster's superuser and the database `countersign`. */
  url: string;
  /** It ran already: another process uses it, or one that died left it. */
  adopted: boolean;
  /** Leaves it; the last process to leave stops it. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  log?: (line: string) => void;
  /** PostgreSQL settings, for a server that this call starts. */
  settings?: Record<string, string>;
}

/** Starts, or adopts, the PostgreSQL cluster under `${dataDir}/postgres`. Throws an Error that names the next step. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  await mkdir(join(options.dataDir, "postgres"), { recursive: true });
  const home = await realpath(join(options.dataDir, "postgres"));
  await checkOwner(home);
  const lock = join(home, "lock");
  return withLock(lock, async () => {
    const place = await findPlace(home, log);
    const server: Server = {
      place,
      native: await findBinaries(place),
      password: await passwordOf(place),
      logFile: resolve(options.dataDir, "postgres.log"),
      settings: options.settings ?? {},
    };
    const leave = await enter(server);
    try {
      const { port, adopted } = await run(server);
      await ensureDatabase(server.password, port);
      let stopped: Promise<void> | undefined;
      const stop = () => (stopped ??= withLock(lock, leave));
      return { url: urlOf(server.password, port), adopted, stop };
    } catch (error) {
      await leave();
      throw error;
    }
  });
}

async function run(server: Server): Promise<{ port: number; adopted: boolean }> {
  const running = await runningPort(server);
  if (running !== undefined) return { port: running, adopted: true };
  await ensureCluster(server);
  return { port: await launch(server), adopted: false };
}

/** Notes that this process uses the server; gives what undoes that and, after the last one, stops the server. */
async function enter(server: Server): Promise<() => Promise<void>> {
  const users = join(server.place.base, "users");
  await mkdir(users, { recursive: true });
  const mine = join(users, `${process.pid}-${randomBytes(4).toString("hex")}`);
  await writeFile(mine, (await runOf(process.pid)) ?? `${process.pid}`);
  return async () => {
    await rm(mine, { force: true });
    if (!(await anyLive(users))) await stopServer(server);
  };
}

async function anyLive(users: string): Promise<boolean> {
  let found = false;
  for (const name of await readdir(users)) {
    if (await isLive(await readFile(join(users, name), "utf8"))) found = true;
    else await rm(join(users, name), { force: true });
  }
  return found;
}

async function ensureDatabase(password: string, port: number): Promise<void> {
  const url = urlOf(password, port, "postgres");
  const found = await ask(url, `SELECT 1 FROM pg_database WHERE datname = '${NAME}'`);
  if (found.length === 0) await ask(url, `CREATE DATABASE ${NAME}`);
}

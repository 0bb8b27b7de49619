import { createHmac, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findBinaries } from "./binaries.ts";
import { ensureCluster, passwordOf } from "./cluster.ts";
import { checkOwner, findPlace } from "./location.ts";
import { isLive, runOf, withLock } from "./process.ts";
import { ask, launch, NAME, runningPort, runsOn, stopServer, urlOf, type Server } from "./server.ts";
import { supervise, type Supervisor } from "./supervise.ts";

/** A running PostgreSQL. */
export interface EmbeddedPostgres {
  /** Connects as the cluster's superuser, who owns the database `countersign`. */
  url: string;
  /** Connects as the login of the application, who owns nothing. */
  appUrl: string;
  /** The server was running already: another process uses it, or a crashed one left it. */
  adopted: boolean;
  /** Unregisters this process; the last one stops the server. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  log?: (line: string) => void;
  /** PostgreSQL settings, for a server that this call starts. */
  settings?: Record<string, string>;
  /** Starts the server again when it dies. Without it, a server that has died stays down. */
  supervisor?: Supervisor;
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
    const user = await register(server);
    try {
      const { port, adopted } = await run(server, await user.portOfOthers());
      await user.usePort(port);
      const url = urlOf(server.password, port);
      await ensureDatabase(server.password, port);
      const appUrl = await ensureAppLogin(url, server.password);
      const watching = options.supervisor && keepUp(server, { port, lock, supervisor: options.supervisor });
      let stopped: Promise<void> | undefined;
      const stop = async () => {
        await watching?.stop();
        await withLock(lock, user.unregister);
      };
      return { url, appUrl, adopted, stop: () => (stopped ??= stop()) };
    } catch (error) {
      await user.unregister();
      throw error;
    }
  });
}

async function run(server: Server, samePort?: number): Promise<{ port: number; adopted: boolean }> {
  const running = await runningPort(server);
  if (running !== undefined) return { port: running, adopted: true };
  await ensureCluster(server);
  return { port: await launch(server, samePort), adopted: false };
}

interface Watched {
  port: number;
  lock: string;
  supervisor: Supervisor;
}

/** All processes that use the server watch it; the first one that gets the lock starts it again. */
function keepUp(server: Server, { port, lock, supervisor }: Watched): { stop(): Promise<void> } {
  return supervise({
    ...supervisor,
    logFile: server.logFile,
    isUp: () => runsOn(server, port),
    async restart() {
      const now = await withLock(lock, () => run(server, port));
      if (now.port !== port) throw new Error(`PostgreSQL runs on port ${now.port} instead of ${port}.`);
    },
  });
}

/** This process as a user of the server. */
interface User {
  /** The port that the connections of other living users expect, also while the server is down. */
  portOfOthers(): Promise<number | undefined>;
  usePort(port: number): Promise<void>;
  /** The last user stops the server. */
  unregister(): Promise<void>;
}

/** Registers this process in a file with the run of the process and, once it is known, the port. */
async function register(server: Server): Promise<User> {
  const users = join(server.place.base, "users");
  await mkdir(users, { recursive: true });
  const own = join(users, `${process.pid}-${randomBytes(4).toString("hex")}`);
  const run = (await runOf(process.pid)) ?? `${process.pid}`;
  await writeFile(own, run);
  return {
    async portOfOthers() {
      const ports = (await livingUsers(users)).map((text) => Number(text.split("\n")[1]));
      return ports.find((port) => port > 0);
    },
    async usePort(port) {
      await writeFile(`${own}.new`, `${run}\n${port}`);
      await rename(`${own}.new`, own); // Others must not read half of it.
    },
    async unregister() {
      await rm(own, { force: true });
      if ((await livingUsers(users)).length === 0) await stopServer(server);
    },
  };
}

/** The contents of the files of living processes; removes those of dead ones. */
async function livingUsers(users: string): Promise<string[]> {
  const living: string[] = [];
  for (const name of await readdir(users)) {
    const text = await readFile(join(users, name), "utf8");
    if (await isLive(text.split("\n")[0] ?? "")) living.push(text);
    else await rm(join(users, name), { force: true });
  }
  return living;
}

async function ensureDatabase(password: string, port: number): Promise<void> {
  const url = urlOf(password, port, "postgres");
  const found = await ask(url, `SELECT 1 FROM pg_database WHERE datname = '${NAME}'`);
  if (found.length === 0) await ask(url, `CREATE DATABASE ${NAME}`);
}

/** The login that the services use. Migrations grant it the application's role. */
const APP_LOGIN = "countersign_login";

/**
 * Creates the application's login, or gives it its password again. The password is derived from the superuser's and does
 * not lead back to it, so that no further file has to be kept.
 */
async function ensureAppLogin(url: string, ownerPassword: string): Promise<string> {
  const password = createHmac("sha256", ownerPassword).update(APP_LOGIN).digest("hex");
  const found = await ask(url, `SELECT 1 FROM pg_roles WHERE rolname = '${APP_LOGIN}'`);
  if (found.length === 0) await ask(url, `CREATE ROLE ${APP_LOGIN} LOGIN`);
  await ask(url, `ALTER ROLE ${APP_LOGIN} NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${password}'`);
  return Object.assign(new URL(url), { username: APP_LOGIN, password }).href;
}

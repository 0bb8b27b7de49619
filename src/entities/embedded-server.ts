import { execFile, spawn, type ChildProcess } from "node:child_process";
import { open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { program } from "./embedded-binaries.ts";
import { spawnOptions, type Place } from "./embedded-place.ts";
import { codeOf, isPostmasterOf, readIfThere, runOf } from "./embedded-process.ts";

/** The superuser, and the database, of the cluster. */
export const NAME = "countersign";
const READY_PATIENCE = 180_000;
const STOP_PATIENCE = 30_000;
const LOG_LIMIT = 10_000_000;
const PASSING = /could not bind|could not create any TCP|shared memory block .* still in use/;
const run = promisify(execFile);

const DEFAULTS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
  log_checkpoints: "off",
  // The detail of an error quotes rows, and its statement may hold values: no log is the place for those.
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
};

/** What it takes to run the cluster's server. */
export interface Server {
  place: Place;
  native: string;
  password: string;
  logFile: string;
  settings: Record<string, string>;
}

export function urlOf(password: string, port: number, database = NAME): string {
  return `postgres://${NAME}:${password}@127.0.0.1:${port}/${database}`;
}

/** Runs one statement on a connection of its own. */
export async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The pid of the server that runs on `data`, if one does. */
async function postmaster(data: string): Promise<number | undefined> {
  const pid = Number.parseInt((await pidFile(data))[0] ?? "", 10);
  return pid > 0 && (await isPostmasterOf(pid, data)) ? pid : undefined;
}

async function pidFile(data: string): Promise<string[]> {
  return ((await readIfThere(join(data, "postmaster.pid"))) ?? "").split("\n");
}

/** The port of the server that still runs on the cluster, once it answers with our password; undefined: none runs. */
export async function runningPort({ place: { data }, password }: Server): Promise<number | undefined> {
  return awaitAnswer(
    async () => (await postmaster(data)) !== undefined,
    async () => Number((await pidFile(data))[3]),
    password,
  );
}

/** Starts the server on a free port and waits until it answers. A failed start leaves no process. */
export async function launch(server: Server): Promise<number> {
  const deadline = Date.now() + STOP_PATIENCE;
  await disownForeignPid(server.place.data);
  await rotate(server.logFile);
  for (;;) {
    const before = await stat(server.logFile).then(
      (log) => log.size,
      () => 0,
    );
    const port = await freePort();
    const child = await spawnServer(server, port);
    try {
      if (
        await awaitAnswer(
          async () => isUp(child),
          async () => port,
          server.password,
        )
      )
        return port;
    } catch (error) {
      await end(child);
      throw await startFailure(server, before, error);
    }
    const failure = await startFailure(server, before);
    if (!PASSING.test(failure.message) || Date.now() > deadline) throw failure;
    await sleep(200);
  }
}

/** PostgreSQL refuses to start while another program has the pid in its file. Our own pid, its parent's, it takes as
 *  stale; deleting the file instead would lose its check that no orphaned backend still writes. */
async function disownForeignPid(data: string): Promise<void> {
  const lines = await pidFile(data);
  if (lines.length < 2 || (await postmaster(data)) !== undefined) return;
  await writeFile(join(data, "postmaster.pid"), [`${process.pid}`, ...lines.slice(1)].join("\n"));
}

async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (log) => log.size,
    () => 0,
  );
  if (size > LOG_LIMIT) await rename(logFile, `${logFile}.1`);
}

async function spawnServer(
  { place, native, logFile, settings }: Server,
  port: number,
): Promise<ChildProcess> {
  const flags = Object.entries({ ...DEFAULTS, ...settings }).flatMap(([key, value]) => [
    "-c",
    `${key}=${value}`,
  ]);
  const log = await open(logFile, "a", 0o600);
  try {
    // A session of its own: Ctrl-C reaches us, and we stop it last.
    const child = spawn(program(native, "postgres"), ["-D", place.data, "-p", `${port}`, ...flags], {
      ...spawnOptions(place.account),
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    child.on("error", () => undefined);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

function isUp(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** The port, once SELECT 1 answers there: an open port may still be starting. Undefined: the server went away. */
async function awaitAnswer(
  isAlive: () => Promise<boolean>,
  portNow: () => Promise<number>,
  password: string,
): Promise<number | undefined> {
  const deadline = Date.now() + READY_PATIENCE;
  while (await isAlive()) {
    const port = await portNow();
    const answer = port > 0 ? await knock(urlOf(password, port, "postgres")) : "no port yet";
    if (answer === "ready") return port;
    if (answer === "28P01") {
      throw new Error(
        "PostgreSQL refuses the password in the data folder. Restore the file `password` from a backup.",
      );
    }
    if (Date.now() > deadline)
      throw new Error("PostgreSQL runs but does not answer. Read its log, end it, start again.");
    await sleep(20);
  }
  return undefined;
}

async function knock(url: string): Promise<string | undefined> {
  return ask(url, "SELECT 1").then(() => "ready", codeOf);
}

async function startFailure({ logFile, place }: Server, from: number, error?: unknown): Promise<Error> {
  const text = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(from).toString();
  const last = text.trim().split("\n").slice(-15).join("\n");
  const why = error instanceof Error ? `${error.message}\n` : "";
  return new Error(
    `PostgreSQL did not start on ${place.data}. ${why}The last lines of ${logFile}:\n${last}\nMend what they name and start again, or set DATABASE_URL to another PostgreSQL.`,
  );
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("No port")),
      );
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  child.kill("SIGINT");
  if (!(await gone(child.pid))) child.kill("SIGKILL");
}

async function gone(pid: number): Promise<boolean> {
  const deadline = Date.now() + STOP_PATIENCE;
  while ((await runOf(pid)) !== undefined) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

/** Stops the server that runs on the cluster, cutting its clients off, and waits until it is gone. */
export async function stopServer({ place, native }: Server): Promise<void> {
  const pid = await postmaster(place.data);
  if (pid === undefined) return;
  // Windows knows no SIGINT: there Node's kill would be a power cut.
  if (process.platform === "win32")
    await run(program(native, "pg_ctl"), ["stop", "-D", place.data, "-m", "fast"]);
  else process.kill(pid, "SIGINT");
  if (await gone(pid)) return;
  process.kill(pid, "SIGQUIT");
  if (!(await gone(pid)))
    throw new Error(`PostgreSQL (process ${pid}) does not stop. End it; the next start recovers.`);
}

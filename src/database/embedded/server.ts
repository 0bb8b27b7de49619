import { execFile, spawn, type ChildProcess } from "node:child_process";
import { open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { SteadyClient } from "../steady-client.ts";
import { program } from "./binaries.ts";
import { spawnOptions, type Place } from "./location.ts";
import { endOrphans } from "./orphans.ts";
import { codeOf, isPostmasterOf, readIfThere, runOf } from "./process.ts";

/** The name of both the cluster's superuser and its database. */
export const NAME = "countersign";
const READY_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 30_000;
const LOG_LIMIT = 10_000_000;
const TRANSIENT = /could not bind|could not create any TCP|shared memory block .* still in use/;
const run = promisify(execFile);

const DEFAULTS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
  log_checkpoints: "off",
  // Keeps customer data out of the log: an error's detail quotes rows, and its statement may contain values.
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
};

/** Everything needed to run the cluster's server. */
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

/** Runs one statement on a new connection. */
export async function ask<Row extends pg.QueryResultRow = Record<string, unknown>>(
  url: string,
  sql: string,
): Promise<Row[]> {
  const client = new SteadyClient({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The pid of the server that runs on `data`; undefined if none does. */
async function postmaster(data: string): Promise<number | undefined> {
  const pid = Number.parseInt((await pidFile(data))[0] ?? "", 10);
  return pid > 0 && (await isPostmasterOf(pid, data)) ? pid : undefined;
}

async function pidFile(data: string): Promise<string[]> {
  return ((await readIfThere(join(data, "postmaster.pid"))) ?? "").split("\n");
}

/** The port of the cluster's running server once it accepts our password. Undefined: no server runs. */
export async function runningPort({ place: { data }, password }: Server): Promise<number | undefined> {
  return awaitAnswer(
    async () => (await postmaster(data)) !== undefined,
    async () => Number((await pidFile(data))[3]),
    password,
  );
}

/** Whether the cluster's server runs, or starts, on this port. */
export async function runsOn({ place: { data } }: Server, port: number): Promise<boolean> {
  return (await postmaster(data)) !== undefined && Number((await pidFile(data))[3]) === port;
}

/**
 * Starts the server and waits until it is ready: on a free port, unless connections of a server that has died expect
 * the same one. A failed start leaves no process.
 */
export async function launch(server: Server, samePort?: number): Promise<number> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  await endOrphans(server.place.data);
  await replaceForeignPid(server.place.data);
  await rotate(server.logFile);
  for (;;) {
    const before = await stat(server.logFile).then(
      (log) => log.size,
      () => 0,
    );
    const port = samePort ?? (await freePort());
    const child = await spawnServer(samePort === undefined ? server : restarted(server), port);
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
    if (!TRANSIENT.test(failure.message) || Date.now() > deadline) throw failure;
    await sleep(200);
  }
}

/**
 * PostgreSQL refuses to start while any program has the pid in postmaster.pid, but treats its parent's pid, ours, as
 * stale. Deleting the file would also disable its check that no orphaned backend still writes.
 */
async function replaceForeignPid(data: string): Promise<void> {
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

/** After a crash of the server alone, one call replaces the sync of a thousand files, which takes seconds on a busy disk. */
const restarted = (server: Server): Server =>
  process.platform === "linux"
    ? { ...server, settings: { recovery_init_sync_method: "syncfs", ...server.settings } }
    : server;

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
    // Detached: Ctrl-C must not reach the server, which we stop last.
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

/** The port once SELECT 1 succeeds: a server that is still starting also has an open port. Undefined: the server ended. */
async function awaitAnswer(
  isAlive: () => Promise<boolean>,
  portNow: () => Promise<number>,
  password: string,
): Promise<number | undefined> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (await isAlive()) {
    const port = await portNow();
    const answer = port > 0 ? await probe(urlOf(password, port, "postgres")) : "no port yet";
    if (answer === "ready") return port;
    if (answer === "28P01") {
      throw new Error(
        "PostgreSQL refused the password in the data folder. Restore the file `password` from a backup.",
      );
    }
    if (Date.now() > deadline)
      throw new Error(
        "PostgreSQL runs but has not answered for three minutes. Stop its process, then start again.",
      );
    await sleep(20);
  }
  return undefined;
}

async function probe(url: string): Promise<string | undefined> {
  return ask(url, "SELECT 1").then(() => "ready", codeOf);
}

async function startFailure({ logFile, place }: Server, from: number, error?: unknown): Promise<Error> {
  const text = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(from).toString();
  const last = text.trim().split("\n").slice(-15).join("\n");
  const cause = error instanceof Error ? `${error.message}\n` : "";
  return new Error(
    `PostgreSQL did not start on ${place.data}. ${cause}The last lines of ${logFile}:\n${last}\nCorrect the cause and start again, or set DATABASE_URL to another PostgreSQL.`,
  );
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer().once("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address();
      listener.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("No port")),
      );
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  child.kill("SIGINT");
  if (!(await hasEnded(child.pid))) child.kill("SIGKILL");
}

async function hasEnded(pid: number): Promise<boolean> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while ((await runOf(pid)) !== undefined) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

/** Stops the cluster's server (fast shutdown: clients are disconnected) and waits until it has ended. */
export async function stopServer({ place, native }: Server): Promise<void> {
  const pid = await postmaster(place.data);
  if (pid === undefined) return;
  // Windows has no SIGINT: Node's kill would terminate the server without a shutdown.
  if (process.platform === "win32")
    await run(program(native, "pg_ctl"), ["stop", "-D", place.data, "-m", "fast"]);
  else process.kill(pid, "SIGINT");
  if (await hasEnded(pid)) return;
  process.kill(pid, "SIGQUIT");
  if (!(await hasEnded(pid)))
    throw new Error(`PostgreSQL (process ${pid}) did not stop. Kill it; the next start recovers the data.`);
}

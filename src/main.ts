import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import { makeApp } from "./api/app.ts";
import { makeBoard } from "./api/board.ts";
import { type Config, ConfigError, publicUrl, type Service } from "./config.ts";
import { makeRegistry, type Registry } from "./domain/core/registry.ts";
import { domains } from "./domain/index.ts";
import { connect, migrate } from "./entities/database.ts";
import { startEmbedded } from "./entities/embedded.ts";
import { ask } from "./entities/embedded-server.ts";
import { firstStart, refreshAddress, seedBusiness } from "./first-start.ts";
import { mcpHandler } from "./mcp/http.ts";
import { makeTools } from "./mcp/tools.ts";
import { type Bell, makeBell } from "./workers/bell.ts";
import { namesOf, waysOut } from "./workers/channels/ways-out.ts";
import { makeCrm } from "./workers/crm.ts";
import { PATIENCE } from "./workers/deliveries.ts";
import { makeDeliveryRelay } from "./workers/delivery-relay.ts";
import { makeDeliveryWorker } from "./workers/delivery-worker.ts";
import { makeJobWorkers } from "./workers/job-workers.ts";
import { type Backend, connectQueues, migrateQueue, queueNames } from "./workers/queues.ts";
import { makeMetrics } from "./workers/metrics.ts";
import { makeRelay } from "./workers/relay.ts";
import { makeScheduleWorker } from "./workers/schedules.ts";
import { makeWaiters } from "./workers/waiters.ts";
import { makeWatchdog } from "./workers/watchdog.ts";
import { within } from "./workers/within.ts";

/** Jobs that one worker process carries out side by side. */
const CONCURRENCY = 16;

/** Mails, SMS and notices that it sends side by side. */
const DELIVERIES = 5;

/** How long a stopping process gives open requests, running jobs and connections; together under the ten seconds it has. */
const GRACE_MS = { requests: 2_000, jobs: 5_500, connections: 500 };

export interface Running {
  /** Null where no service listens. */
  url: string | null;
  /** Finishes what it holds, then stops: the database last. */
  stop(): Promise<void>;
}

/** What the parts of one process share; `closers` run in reverse, so what came first goes last. */
interface House {
  config: Config;
  log: Logger;
  registry: Registry;
  db: DataSource;
  databaseUrl: string;
  queues: Backend;
  bell: Bell;
  closers: (() => Promise<void>)[];
}

/**
 * Starts the given services in this process. Throws where something it needs is not there, or where `signal` aborts it
 * between two steps; then nothing it started still runs.
 */
export async function start(
  config: Config,
  services: readonly Service[],
  log: Logger,
  signal?: AbortSignal,
): Promise<Running> {
  const closers: House["closers"] = [];
  const stop = () => closeAll(closers, log);
  try {
    signal?.throwIfAborted();
    const house = await build(config, log, closers, signal);
    signal?.throwIfAborted();
    const server =
      services.includes("api") || services.includes("mcp") ? await listen(house, services) : null;
    if (services.includes("worker")) await startWorkers(house, server?.url ?? publicUrl(config, config.port));
    signal?.throwIfAborted();
    return { url: server && server.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Every one of them, the last first: one that cannot close must not leave the database running. */
async function closeAll(closers: House["closers"], log: Logger): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    await close().catch((err: unknown) => log.warn({ err }, "a part did not close cleanly"));
  }
}

/** A migrated database and the registry: what `start`, `demo` and `token` all need. */
export async function openDatabase(
  config: Config,
  log: Logger,
  closers: House["closers"],
  signal?: AbortSignal,
): Promise<Pick<House, "registry" | "db" | "databaseUrl"> & { ownerUrl: string }> {
  const databaseUrl = config.databaseUrl ?? (await startOwn(config, log, closers));
  signal?.throwIfAborted();
  const ownerUrl = config.databaseOwnerUrl ?? databaseUrl;
  const shut = (why: string) => `the database does not let us in (${why}). Start it, or correct the URL.`;
  await ask(databaseUrl, "SELECT 1").catch(blame("DATABASE_URL", shut));
  if (ownerUrl !== databaseUrl) await ask(ownerUrl, "SELECT 1").catch(blame("DATABASE_OWNER_URL", shut));
  await migrate(ownerUrl, databaseUrl);
  if (!config.redisUrl) await migrateQueue(ownerUrl);
  const idleInTransactionMs = config.workerSilenceMs;
  const db = await connect(databaseUrl, { poolSize: CONCURRENCY * 2 + 20, idleInTransactionMs });
  // A transaction that hangs holds its connection: it ends with the process, and its job is done again elsewhere.
  closers.push(() => within(GRACE_MS.connections, db.destroy()));
  const registry = makeRegistry(domains);
  await seedBusiness(db, registry, config);
  return { registry, db, databaseUrl, ownerUrl };
}

async function startOwn({ dataDir }: Config, log: Logger, closers: House["closers"]): Promise<string> {
  const postgres = await startEmbedded({ dataDir, log: (line) => log.info(line) }).catch(blame("DATA_DIR"));
  closers.push(() => postgres.stop());
  return postgres.url;
}

/** Makes of an error what a person can put right: a line that begins with the variable's name. */
const blame =
  (variable: string, told = (why: string) => why) =>
  (error: unknown): never => {
    const { message = "", code = "" } = error as { message?: string; code?: string }; // Programs throw errors.
    throw new ConfigError(`${variable}: ${told(message || code)}`, { cause: error });
  };

async function build(
  config: Config,
  log: Logger,
  closers: House["closers"],
  signal?: AbortSignal,
): Promise<House> {
  const database = await openDatabase(config, log, closers, signal);
  signal?.throwIfAborted();
  const { redisUrl, workerSilenceMs: silenceMs } = config;
  const { db, databaseUrl } = database;
  const bell = makeBell(db, (err) => log.warn({ err }, "a call to those who wait was lost"));
  closers.push(() => bell.close());
  const connecting = connectQueues({ redisUrl, databaseUrl, poolSize: CONCURRENCY * 2 + 20, silenceMs, log });
  const queues = await (redisUrl ? connecting.catch(blame("REDIS_URL")) : connecting);
  closers.push(() => queues.close(GRACE_MS.jobs));
  return { ...database, config, log, queues, bell, closers };
}

/** They stop with their queues: what they hold they finish, watched to the end. */
async function startWorkers(house: House, url: string): Promise<void> {
  const { config, log, registry, db, queues, bell, closers } = house;
  const onError = (err: unknown) => log.warn({ err }, "worker in trouble; trying again");
  const relay = makeRelay({ db, queues, silenceMs: config.workerSilenceMs }, onError);
  const channels = await waysOut(config);
  const options = { authorizationTtlMs: config.authorizationTtlMs, channels: namesOf(channels) };
  const onBug = (err: unknown, jobId: string) => log.error({ err, job_id: jobId }, "a job met a bug");
  const watchdog = makeWatchdog(config.workerSilenceMs);
  closers.unshift(() => watchdog.close());
  makeJobWorkers({ db, registry, queues, bell, options, concurrency: CONCURRENCY, watchdog, onBug, onError });
  makeScheduleWorker(db, queues);
  const deliveries = { db, registry, queues, bell, patience: PATIENCE };
  makeDeliveryWorker({ ...deliveries, channels, publicUrl: () => url, concurrency: DELIVERIES });
  const outbox = makeDeliveryRelay(deliveries, onError);
  closers.push(async () => void (await Promise.all([relay.close(), outbox.close()])));
}

async function listen(house: House, services: readonly Service[]): Promise<{ url: string }> {
  const { config, log, registry, db, databaseUrl, queues, bell, closers } = house;
  const onError = (err: unknown) => log.warn({ err }, "trouble that heals by itself");
  const waiters = makeWaiters(db, databaseUrl, onError);
  closers.push(() => waiters.close());

  const server = createServer();
  const url = () => publicUrl(config, portOf(server));
  const now = () => new Date();
  const { text: metrics, told } = makeMetrics(db, queues, waiters.count);
  const crm = makeCrm({ db, registry, queues, waiters, bell, publicUrl: url, now, told, onError });
  const tools = makeTools(crm, registry);
  const app = makeApp({
    crm,
    db,
    registry,
    publicUrl: url,
    now,
    log,
    limits: { callsPerMinute: config.agentCallsPerMinute, waits: config.agentWaits },
    health: () => health(db, queues),
    metrics,
    tools,
    ...(services.includes("mcp") && { mcp: mcpHandler(tools, { log }) }),
    ...(services.includes("api") && { board: makeBoard(queueNames.map((name) => queues.queue(name))) }),
  });
  server.on("request", app);
  const taken = (why: string) =>
    `${why}. Stop who listens there, or choose another PORT (0: a free one) or HOST.`;
  await listening(server, config).catch(blame("PORT", taken));
  closers.push(async () => {
    const answered = closed(server);
    waiters.dismiss();
    await answered;
  });
  if (services.includes("api")) await firstStart(db, config, url());
  await refreshAddress(config, url());
  return { url: url() };
}

const portOf = (server: Server): number => (server.address() as AddressInfo | null)?.port ?? 0; // A TCP server's.

const listening = (server: Server, { host, port }: Config): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });

/** Takes no more connections, answers what it has begun, and keeps none open for a next request. */
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    const impatient = setTimeout(() => server.closeAllConnections(), GRACE_MS.requests);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(impatient);
      resolve();
    });
  });

async function health(db: DataSource, queues: Backend): Promise<Record<string, string | null>> {
  const answers = (ask: Promise<unknown>) =>
    ask.then(
      () => null,
      () => "does not answer",
    );
  const [database, queue] = await Promise.all([answers(db.query("SELECT 1")), answers(queues.ping())]);
  return { database, queue };
}

import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import { makeApp } from "./api/app.ts";
import { makeBoard } from "./api/board.ts";
import { asConfigError, type Config, ConfigError, publicUrl, type Service } from "./config.ts";
import { makeAccessWatch } from "./crm/access.ts";
import { makeCrm } from "./crm/index.ts";
import { makeMetrics } from "./crm/metrics.ts";
import { makeWaiters } from "./crm/waiters.ts";
import {
  type DatabaseClock,
  followDatabase,
  makeDatabaseClock,
  MAX_SKEW_MS,
  skewText,
} from "./database/clock.ts";
import type { Clock } from "./domain/core/clock.ts";
import { firstStart, refreshAddress } from "./first-start.ts";
import { makeHealth } from "./health.ts";
import { closed, listening, makeServer, portOf } from "./http-server.ts";
import { mcpHandler } from "./mcp/http.ts";
import { makeTools } from "./mcp/tools.ts";
import { type OpenDatabase, openDatabase, POOL_SIZE } from "./open-database.ts";
import { type Backend, connectQueues, preflightQueue, queueNames } from "./queue/index.ts";
import { makeNotifier, type Notifier } from "./queue/notify.ts";
import { makeShutdown, type Shutdown } from "./shutdown.ts";
import { configuredChannels, makeChannels } from "./workers/channels/index.ts";
import { RETRY_POLICY } from "./workers/deliveries.ts";
import { makeDeliveryRelay } from "./workers/delivery-relay.ts";
import { makeDeliveryWorker } from "./workers/delivery-worker.ts";
import { makeJobWorkers } from "./workers/job-workers.ts";
import { makeRelay } from "./workers/relay.ts";
import { makeScheduleWorker } from "./workers/schedules.ts";
import { timingsText } from "./workers/timed-steps.ts";
import { makeWatchdog } from "./workers/watchdog.ts";

/** Jobs that one worker process runs at the same time. */
const JOB_CONCURRENCY = 16;

/** Mails, SMS and webhooks that it sends at the same time. */
const DELIVERY_CONCURRENCY = 5;

/** How long a stopping process waits for running jobs. With requests and connections, stopping takes under 10 s. */
const JOB_GRACE_MS = 5_500;

export interface Running {
  /** Null if no service listens. */
  url: string | null;
  /** Finishes what is running, then stops everything: the database last. */
  stop(): Promise<void>;
}

export interface StartOptions {
  log: Logger;
  /** Aborts the start between two steps. */
  signal?: AbortSignal;
  /** Called with one line for the operator when the embedded database has died for good: nothing can go on. */
  onLost?: (error: Error) => void;
  /** Replaces the database's clock. For tests only: no variable and no option of the program sets it. */
  clock?: Clock;
}

/** What the services of one process share. */
interface Runtime extends OpenDatabase {
  config: Config;
  log: Logger;
  queues: Backend;
  notifier: Notifier;
  shutdown: Shutdown;
  clock: Clock;
  /** `StartOptions.clock`. If undefined, workers let SQL read the database's clock, which is exact. */
  testClock: Clock | undefined;
  /** How far the machine's clock is ahead of the database's; negative: behind. */
  skewMs: () => number;
}

/** Starts the given services in this process. On an error it stops everything that it has started, then throws. */
export async function start(
  config: Config,
  services: readonly Service[],
  { log, signal, onLost, clock }: StartOptions,
): Promise<Running> {
  const shutdown = makeShutdown((err) => log.warn({ err }, "a part did not stop cleanly"));
  try {
    signal?.throwIfAborted();
    const runtime = await makeRuntime(config, { log, shutdown, signal, onLost, clock, services });
    signal?.throwIfAborted();
    const listens = services.includes("api") || services.includes("mcp");
    const url = listens ? await startServer(runtime, services) : null;
    if (services.includes("worker")) await startWorkers(runtime, url ?? publicUrl(config, config.port));
    signal?.throwIfAborted();
    return { url, stop: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

// ---- Database, queue and clock ----

interface RuntimeOptions {
  log: Logger;
  shutdown: Shutdown;
  signal: AbortSignal | undefined;
  onLost: StartOptions["onLost"];
  clock: Clock | undefined;
  services: readonly Service[];
}

async function makeRuntime(config: Config, options: RuntimeOptions): Promise<Runtime> {
  const { log, shutdown, signal, onLost, clock: testClock } = options;
  const { redisUrl, redisPrefix, workerSilenceMs: silenceMs } = config;
  if (redisUrl) await preflightQueue({ redisUrl, databaseUrl: "" }).catch(asConfigError("REDIS_URL"));
  signal?.throwIfAborted();
  const database = await openDatabase(config, { log, shutdown, signal, onLost });
  signal?.throwIfAborted();
  const { db, databaseUrl } = database;
  const databaseClock = await startDatabaseClock(db, log, shutdown);
  checkSkew(databaseClock.skewMs(), options);
  const notifier = makeNotifier(db, (err) => log.warn({ err }, "a notification was lost; waiters poll"));
  shutdown.add(() => notifier.close());
  const connecting = connectQueues({
    ...{ redisUrl, redisPrefix, databaseUrl, silenceMs, log },
    poolSize: POOL_SIZE,
  });
  const queues = await (redisUrl ? connecting.catch(asConfigError("REDIS_URL")) : connecting);
  shutdown.add(() => queues.close(JOB_GRACE_MS));
  const { skewMs } = databaseClock;
  const clock = testClock ?? databaseClock;
  return { ...database, config, log, queues, notifier, shutdown, clock, testClock, skewMs };
}

async function startDatabaseClock(db: DataSource, log: Logger, shutdown: Shutdown): Promise<DatabaseClock> {
  const clock = await makeDatabaseClock(db, (err) => log.warn({ err }, "the database's clock was not read"));
  shutdown.add(async () => clock.close());
  const leave = followDatabase(clock);
  shutdown.addLast(async () => leave());
  return clock;
}

/** Refuses a worker on a machine whose clock is far off. */
function checkSkew(skewMs: number, { services, log }: RuntimeOptions): void {
  if (Math.abs(skewMs) <= MAX_SKEW_MS.told) return;
  const text = `this machine's clock is ${skewText(skewMs)}`;
  if (services.includes("worker") && Math.abs(skewMs) > MAX_SKEW_MS.refused)
    throw new ConfigError(
      `${text}; a worker runs with at most 60 s. Synchronize both machines by NTP, then start again.`,
    );
  log.warn(`${text}; synchronize both machines by NTP`);
}

// ---- Workers ----

/** The workers stop with their queues, after the running jobs. */
async function startWorkers(runtime: Runtime, url: string): Promise<void> {
  const { config, log, registry, db, queues, notifier, shutdown, clock, testClock } = runtime;
  const onError = (err: unknown) => log.warn({ err }, "error in a worker; it retries");
  const relay = makeRelay({ db, queues, silenceMs: config.workerSilenceMs }, onError);
  const channels = await makeChannels(config);
  const watchdog = makeWatchdog(config.workerSilenceMs);
  shutdown.addLast(() => watchdog.close());
  makeJobWorkers({
    ...{ db, registry, queues, notifier, watchdog, onError },
    options: {
      authorizationTtlMs: config.authorizationTtlMs,
      mostPending: config.agentPending,
      channels: configuredChannels(config),
      publicUrl: url,
      ...(testClock && { clock: testClock }),
    },
    concurrency: JOB_CONCURRENCY,
    onBug: (err, jobId) => log.error({ err, job_id: jobId }, "a job failed because of a bug"),
    ...(log.isLevelEnabled("trace") && {
      onTimings: (jobId, steps) => log.trace({ job_id: jobId, steps }, timingsText(steps)),
    }),
  });
  makeScheduleWorker(queues, { db, registry, clock, email: channels.email });
  const deliveries = { db, registry, queues, notifier, retryPolicy: RETRY_POLICY, clock: testClock };
  makeDeliveryWorker({ ...deliveries, channels, publicUrl: () => url, concurrency: DELIVERY_CONCURRENCY });
  const deliveryRelay = makeDeliveryRelay(deliveries, onError);
  shutdown.add(async () => void (await Promise.all([relay.close(), deliveryRelay.close()])));
}

// ---- API, pages and MCP ----

/** Resolves with the public base URL. */
async function startServer(runtime: Runtime, services: readonly Service[]): Promise<string> {
  const { config, db, shutdown } = runtime;
  const server = makeServer();
  const url = () => publicUrl(config, portOf(server));
  const { app, dismissWaiters } = makeWebApp(runtime, services, url);
  server.on("request", app);
  const inUse = (why: string) =>
    `${why}. Stop the program that uses it, or set another PORT (0: any free port) or HOST.`;
  await listening(server, config).catch(asConfigError("PORT", inUse));
  shutdown.add(async () => {
    const answered = closed(server);
    dismissWaiters();
    await answered;
  });
  if (services.includes("api")) await firstStart(db, config, url());
  await refreshAddress(config, url());
  return url();
}

function makeWebApp(runtime: Runtime, services: readonly Service[], url: () => string) {
  const { config, log, registry, db, databaseUrl, queues, notifier, shutdown, clock } = runtime;
  const onError = (err: unknown) => log.warn({ err }, "an error that needs no action: it is retried");
  const waiters = makeWaiters(db, databaseUrl, onError);
  shutdown.add(() => waiters.close());
  const { text: metrics, waited } = makeMetrics(db, queues, { waiting: waiters.count });
  const crm = makeCrm({
    db,
    registry,
    queues,
    waiters,
    notifier,
    publicUrl: url,
    channels: configuredChannels(config),
    clock,
    waited,
    readBudget: config.readBudget,
    mostCostly: config.agentCostly,
    onError,
  });
  const tools = makeTools(crm, registry);
  const app = makeApp({
    ...{ crm, db, registry, log, metrics, tools, access: makeAccessWatch(waiters) },
    publicUrl: url,
    now: () => clock.now(),
    limits: { callsPerMinute: config.agentCallsPerMinute, waits: config.agentWaits },
    trustProxy: config.trustProxy,
    health: makeHealth({ db, queues, dataDir: config.databaseUrl ? undefined : config.dataDir }),
    warnings: () => warnings(runtime),
    ...(services.includes("mcp") && { mcp: mcpHandler(tools, { log }) }),
    ...(services.includes("api") && { board: makeBoard(queueNames.map((name) => queues.queue(name))) }),
  });
  return { app, dismissWaiters: () => waiters.dismiss() };
}

/** What people should know although everything answers. */
function warnings({ skewMs }: Runtime): Record<string, string> {
  const skew = skewMs();
  return Math.abs(skew) > MAX_SKEW_MS.told ? { clock: `this machine is ${skewText(skew)}` } : {};
}

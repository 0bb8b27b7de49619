import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import { asConfigError, type Config, ConfigError } from "./config.ts";
import { connect } from "./database/data-source.ts";
import { startEmbedded } from "./database/embedded/index.ts";
import { migrate } from "./database/migrate.ts";
import { PreflightError } from "./database/preflight/error.ts";
import { preflightLogin, preflightOwner } from "./database/preflight/index.ts";
import { makeRegistry, type Registry } from "./domain/core/registry.ts";
import { domains } from "./domain/index.ts";
import { seedBusiness } from "./first-start.ts";
import { migrateQueue } from "./queue/index.ts";
import { withTimeout } from "./queue/with-timeout.ts";
import type { Shutdown } from "./shutdown.ts";

/** Connections for jobs (two each), requests and deliveries. */
export const POOL_SIZE = 52;

/** How long a stopping process waits for its connections. */
const DISCONNECT_MS = 500;

export interface OpenDatabase {
  registry: Registry;
  db: DataSource;
  databaseUrl: string;
  ownerUrl: string;
}

interface OpenOptions {
  log: Logger;
  shutdown: Shutdown;
  signal?: AbortSignal | undefined;
  /** Called with one line when the embedded database has died for good. If undefined, it is not started again. */
  onLost?: ((error: Error) => void) | undefined;
}

/** Starts the embedded database or connects to the configured one, migrates it and seeds the business. */
export async function openDatabase(config: Config, options: OpenOptions): Promise<OpenDatabase> {
  const { shutdown, signal } = options;
  const { databaseUrl, ownerUrl } = await locate(config, options);
  signal?.throwIfAborted();
  if (config.databaseUrl) await refuseUnusable(databaseUrl, ownerUrl, !config.redisUrl);
  await migrate(ownerUrl, databaseUrl);
  if (!config.redisUrl) await migrateQueue(ownerUrl);
  const db = await connect(databaseUrl, {
    poolSize: POOL_SIZE,
    idleInTransactionMs: config.workerSilenceMs,
  });
  // A transaction that hangs holds its connection; it ends with the process, and another worker repeats its job.
  shutdown.add(() => withTimeout(DISCONNECT_MS, db.destroy()));
  const registry = makeRegistry(domains);
  await seedBusiness(db, registry, config);
  return { registry, db, databaseUrl, ownerUrl };
}

/** Ends the start in one line, before the first migration, on a PostgreSQL that cannot do the work. */
async function refuseUnusable(databaseUrl: string, ownerUrl: string, queue: boolean): Promise<void> {
  const login = await preflightLogin(databaseUrl).catch(refusalOf("DATABASE_URL"));
  const owner = ownerUrl === databaseUrl ? "DATABASE_URL" : "DATABASE_OWNER_URL";
  await preflightOwner(ownerUrl, { login, queue }).catch(refusalOf(owner));
}

const refusalOf = (variable: string) => (error: unknown) =>
  error instanceof PreflightError
    ? asConfigError(variable)(error)
    : asConfigError(
        variable,
        (why) => `cannot connect (${why}). Start the database, or correct the URL.`,
      )(error);

/** The configured database, or else the embedded one, which is started. */
async function locate(
  { databaseUrl, databaseOwnerUrl, dataDir }: Config,
  { log, shutdown, onLost }: OpenOptions,
): Promise<Pick<OpenDatabase, "databaseUrl" | "ownerUrl">> {
  if (databaseUrl !== undefined) return { databaseUrl, ownerUrl: databaseOwnerUrl ?? databaseUrl };
  const starting = startEmbedded({
    dataDir,
    log: (line) => log.info(line),
    ...(onLost && {
      supervisor: {
        onRestart: (line) => log.warn(line),
        onLost: ({ message }) => onLost(new ConfigError(`DATA_DIR: ${message}`)),
      },
    }),
  });
  const postgres = await starting.catch(asConfigError("DATA_DIR"));
  shutdown.add(() => postgres.stop());
  return { databaseUrl: postgres.appUrl, ownerUrl: postgres.url };
}

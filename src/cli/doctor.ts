import { access, constants } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { type Config, ConfigError, readConfig } from "../config.ts";
import { MAX_SKEW_MS, skewText } from "../database/clock.ts";
import { connect } from "../database/data-source.ts";
import { migrationNames } from "../database/migrations/index.ts";
import { startEmbedded } from "../database/embedded/index.ts";
import { ask } from "../database/embedded/server.ts";
import { existingParent, freeBytes, FULL_BELOW_BYTES } from "../disk.ts";
import { inspectMail } from "../workers/channels/email.ts";
import { PreflightError } from "../database/preflight/error.ts";
import { preflightLogin, preflightOwner } from "../database/preflight/index.ts";
import { preflightQueue } from "../queue/index.ts";
import { checkSchedules } from "./doctor-schedules.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

const GB = 1e9;
const DISK = { fail: FULL_BELOW_BYTES, warn: GB };

/** Checks everything that Countersign needs, whether it runs or not. Changes nothing. */
export async function examine(env: NodeJS.ProcessEnv = process.env): Promise<Finding[]> {
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [fail("config", error.message, "correct it in the environment, then run this again")];
  }
  const embedded = config.databaseUrl === undefined;
  const where = embedded ? "embedded PostgreSQL" : "external PostgreSQL";
  return [
    ok(
      "config",
      `${where}, queue in ${config.redisUrl ? "Redis" : "PostgreSQL"}, data in ${shown(config.dataDir)}`,
    ),
    ...(await checkEmbeddedOrConnected(config)),
    await checkMail(config),
    await checkDisk(config.dataDir),
  ];
}

/** Uses the embedded database if it runs; otherwise starts it for the duration of the check. */
async function checkEmbeddedOrConnected(config: Config): Promise<Finding[]> {
  const { databaseUrl, databaseOwnerUrl, dataDir } = config;
  if (databaseUrl) return checkConnected(config, databaseUrl, databaseOwnerUrl ?? databaseUrl);
  if (!existsSync(join(dataDir, "postgres"))) {
    const first = ok("database", "embedded, not created yet: the first start creates it");
    return [first, config.redisUrl ? await checkQueue(config, "") : ok("queue", "created with the database")];
  }
  let postgres: Awaited<ReturnType<typeof startEmbedded>>;
  try {
    postgres = await startEmbedded({ dataDir });
  } catch (error) {
    return [fail("database", messageOf(error), `see ${shown(join(dataDir, "postgres.log"))}`)];
  }
  try {
    return await checkConnected(config, postgres.appUrl, postgres.url);
  } finally {
    await postgres.stop();
  }
}

async function checkConnected(config: Config, url: string, ownerUrl: string): Promise<Finding[]> {
  const began = performance.now();
  let seen: Server;
  try {
    seen = await inspect(url);
  } catch (error) {
    const down = fail("database", messageOf(error), "start it, or correct DATABASE_URL");
    return config.redisUrl ? [down, await checkQueue(config, url)] : [down];
  }
  const ms = Math.round(performance.now() - began);
  const refused = await refusalOf(config, url, ownerUrl);
  const database = refused ?? (await checkDatabase({ ...seen, ms }, url, ownerUrl));
  return [
    database,
    checkClock(seen.skewMs),
    await checkQueue(config, url),
    ...(database.state === "ok" ? await checkSchedules(ownerUrl) : []),
  ];
}

interface Server {
  /** `16.4` */
  name: string;
  /** Milliseconds that this machine's clock is ahead of its. */
  skewMs: number;
}

async function inspect(url: string): Promise<Server> {
  await ask(url, "SELECT 1"); // Warm-up: the first query includes the server's start-up cost.
  const before = Date.now();
  const [row] = await ask(
    url,
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS name,
       extract(epoch FROM clock_timestamp())::float8 * 1000 AS at`,
  );
  const middle = (before + Date.now()) / 2;
  return {
    name: String(row?.name),
    skewMs: Math.round(middle - Number(row?.at)),
  };
}

/** Why a start would refuse this PostgreSQL. */
async function refusalOf({ redisUrl }: Config, url: string, ownerUrl: string): Promise<Finding | undefined> {
  try {
    const login = await preflightLogin(url);
    await preflightOwner(ownerUrl, { login, queue: !redisUrl });
    return undefined;
  } catch (error) {
    if (error instanceof PreflightError) return fail("database", error.what, error.todo);
    return fail("database", `its owner: ${messageOf(error)}`, "correct DATABASE_OWNER_URL");
  }
}

async function checkDatabase(
  { name, ms }: Server & { ms: number },
  url: string,
  ownerUrl: string,
): Promise<Finding> {
  const text = `PostgreSQL ${name}, ${ms} ms`;
  const applied = await appliedMigrations(ownerUrl);
  if (applied.length === 0) return ok("database", `${text}; empty: the first start creates the tables`);
  const unknown = applied.filter((migration) => !migrationNames.includes(migration));
  if (unknown.length > 0)
    return fail(
      "database",
      `${text}; a newer Countersign has migrated it (${unknown.join(", ")})`,
      "update this program",
    );
  const missing = migrationNames.length - applied.length;
  if (missing > 0)
    return warn(
      "database",
      `${text}; ${missing} migrations are missing`,
      "start Countersign: it migrates the database",
    );
  try {
    await (await connect(url, { poolSize: 1 })).destroy();
  } catch (error) {
    const todo = "start Countersign with DATABASE_OWNER_URL set: it grants the role";
    return fail(
      "database",
      `${text}; this login cannot use the application's role: ${messageOf(error)}`,
      todo,
    );
  }
  return ok("database", text);
}

async function appliedMigrations(ownerUrl: string): Promise<string[]> {
  const [table] = await ask(ownerUrl, "SELECT to_regclass('public.migrations') IS NOT NULL AS there");
  if (!table?.there) return [];
  return (await ask(ownerUrl, "SELECT name FROM public.migrations")).map(({ name }) => String(name));
}

/** @param skewMs how far this machine's clock is ahead of the database's */
function checkClock(skewMs: number): Finding {
  const todo = "synchronize both machines by NTP";
  if (Math.abs(skewMs) <= MAX_SKEW_MS.told) return ok("clock", `${Math.abs(skewMs)} ms from the database's`);
  const text = `this machine is ${skewText(skewMs)}`;
  if (Math.abs(skewMs) <= MAX_SKEW_MS.refused) return warn("clock", text, todo);
  return fail("clock", `${text}; no worker starts here`, todo);
}

async function checkQueue({ redisUrl }: Config, databaseUrl: string): Promise<Finding> {
  try {
    const { text, caution } = await preflightQueue({ redisUrl, databaseUrl });
    return caution ? warn("queue", `${text}; ${caution.what}`, caution.todo) : ok("queue", text);
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error;
    return fail("queue", error.what, error.todo);
  }
}

async function checkMail({ mail, sms }: Config): Promise<Finding> {
  const texts = sms ? "SMS over Twilio" : "no SMS";
  if (!mail)
    return ok("mail", `no mail server, ${texts}: messages without a channel stay in the outbox, NOT SENT`);
  try {
    return ok("mail", `${await inspectMail(mail)}, ${texts}`);
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error;
    return warn("mail", error.what, error.todo);
  }
}

async function checkDisk(dataDir: string): Promise<Finding> {
  const folder = existingParent(dataDir);
  const free = await freeBytes(dataDir);
  const text = `${(free / GB).toFixed(1)} GB free for ${shown(dataDir)}`;
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable)
    return fail(
      "disk",
      `${shown(folder)} cannot be written`,
      "choose another DATA_DIR, or let this user write there",
    );
  if (free < DISK.fail) return fail("disk", text, "free some space");
  return free < DISK.warn ? warn("disk", text, "free some space") : ok("disk", text);
}

function shown(path: string): string {
  const short = relative(process.cwd(), path) || ".";
  return short.startsWith("..") ? path : short;
}

/** An error of several refused addresses has no message, only a code. */
const messageOf = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: string }; // Only errors are thrown here.
  return message || code || "it does not answer";
};

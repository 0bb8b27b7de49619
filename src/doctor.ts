import { access, constants, statfs } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { connect, migrationNames } from "./entities/database.ts";
import { startEmbedded } from "./entities/embedded.ts";
import { ask } from "./entities/embedded-server.ts";
import { inspectMail } from "./workers/channels/email.ts";
import { Unfit } from "./workers/inspection.ts";
import { inspectQueue } from "./workers/queues.ts";

/** What was found of one part. `fail` keeps Countersign from working, `warn` does not. */
export interface Finding {
  part: "config" | "database" | "clock" | "queue" | "mail" | "disk";
  state: "ok" | "warn" | "fail";
  text: string;
  /** What to do about it. */
  todo?: string;
}

const OLDEST_POSTGRES = 15;
/** Most that this machine's clock may differ from the database's, which alone judges what has expired. */
const CLOCK_MS = 5_000;
const GB = 1e9;
const DISK = { fail: 0.1 * GB, warn: GB };

const ok = (part: Finding["part"], text: string): Finding => ({ part, state: "ok", text });
const warn = (part: Finding["part"], text: string, todo: string): Finding => ({
  part,
  state: "warn",
  text,
  todo,
});
const fail = (part: Finding["part"], text: string, todo: string): Finding => ({
  part,
  state: "fail",
  text,
  todo,
});

/** Looks at everything that Countersign stands on, whether it runs or not, and changes nothing. */
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
    ...(await withDatabase(config)),
    await examineMail(config),
    await examineDisk(config.dataDir),
  ];
}

/** One line: `FAIL queue     Redis at …; do: start it`. */
export const lineOf = ({ part, state, text, todo }: Finding): string =>
  `${(state === "fail" ? "FAIL" : state).padEnd(4)} ${part.padEnd(9)} ${oneLine(text)}${todo ? `; do: ${oneLine(todo)}` : ""}`;

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, " ").replace(/[.;]$/, "");

/** The embedded database is adopted where it runs, else started for as long as this takes. */
async function withDatabase(config: Config): Promise<Finding[]> {
  const { databaseUrl, databaseOwnerUrl, dataDir } = config;
  if (databaseUrl) return examineData(config, databaseUrl, databaseOwnerUrl ?? databaseUrl);
  if (!existsSync(join(dataDir, "postgres"))) {
    const first = ok("database", "embedded, not made yet: the first start does it");
    return [first, config.redisUrl ? await examineQueue(config, "") : ok("queue", "made with the database")];
  }
  let postgres: Awaited<ReturnType<typeof startEmbedded>>;
  try {
    postgres = await startEmbedded({ dataDir });
  } catch (error) {
    return [fail("database", messageOf(error), `see ${shown(join(dataDir, "postgres.log"))}`)];
  }
  try {
    return await examineData(config, postgres.url, postgres.url);
  } finally {
    await postgres.stop();
  }
}

async function examineData(config: Config, url: string, ownerUrl: string): Promise<Finding[]> {
  const began = performance.now();
  let seen: { version: number; name: string; drift: number };
  try {
    seen = await look(url);
  } catch (error) {
    const down = fail("database", messageOf(error), "start it, or correct DATABASE_URL");
    return config.redisUrl ? [down, await examineQueue(config, url)] : [down];
  }
  const ms = Math.round(performance.now() - began);
  const database = await examineDatabase(seen, `PostgreSQL ${seen.name}, ${ms} ms`, url, ownerUrl);
  return [database, examineClock(seen.drift), await examineQueue(config, url)];
}

async function look(url: string): Promise<{ version: number; name: string; drift: number }> {
  await ask(url, "SELECT 1"); // The first one pays for waking up.
  const before = Date.now();
  const [row] = await ask(
    url,
    `SELECT current_setting('server_version_num')::int AS number, split_part(current_setting('server_version'), ' ', 1)
       AS name, extract(epoch FROM clock_timestamp())::float8 * 1000 AS at`,
  );
  const middle = (before + Date.now()) / 2;
  return {
    version: Math.floor(Number(row?.number) / 10_000),
    name: String(row?.name),
    drift: Math.round(Number(row?.at) - middle),
  };
}

async function examineDatabase(
  { version, name }: { version: number; name: string },
  text: string,
  url: string,
  ownerUrl: string,
): Promise<Finding> {
  if (version < OLDEST_POSTGRES)
    return fail("database", `PostgreSQL ${name} is too old`, `use PostgreSQL ${OLDEST_POSTGRES} or newer`);
  let applied: string[];
  try {
    applied = await appliedMigrations(ownerUrl);
  } catch (error) {
    return fail("database", `its owner: ${messageOf(error)}`, "correct DATABASE_OWNER_URL");
  }
  if (applied.length === 0) return ok("database", `${text}; empty: the first start fills it`);
  const strange = applied.filter((migration) => !migrationNames.includes(migration));
  if (strange.length > 0)
    return fail(
      "database",
      `${text}; a newer Countersign has changed it (${strange.join(", ")})`,
      "update this one",
    );
  const missing = migrationNames.length - applied.length;
  if (missing > 0)
    return warn(
      "database",
      `${text}; ${missing} migrations to come`,
      "start Countersign: it brings the database up to date",
    );
  try {
    await (await connect(url, { poolSize: 1 })).destroy();
  } catch (error) {
    const todo = "start Countersign with DATABASE_OWNER_URL: it lets the login in";
    return fail("database", `${text}; the login may not act as the application: ${messageOf(error)}`, todo);
  }
  return ok("database", text);
}

async function appliedMigrations(ownerUrl: string): Promise<string[]> {
  const [table] = await ask(ownerUrl, "SELECT to_regclass('public.migrations') IS NOT NULL AS there");
  if (!table?.there) return [];
  return (await ask(ownerUrl, "SELECT name FROM public.migrations")).map(({ name }) => String(name));
}

function examineClock(drift: number): Finding {
  const text = `differs from the database's by ${Math.abs(drift)} ms`;
  if (Math.abs(drift) <= CLOCK_MS) return ok("clock", text);
  return fail("clock", text, "let both machines set their clocks by NTP");
}

async function examineQueue({ redisUrl }: Config, databaseUrl: string): Promise<Finding> {
  try {
    const { text, caution } = await inspectQueue({ redisUrl, databaseUrl });
    return caution ? warn("queue", `${text}; ${caution.what}`, caution.todo) : ok("queue", text);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return fail("queue", error.what, error.todo);
  }
}

async function examineMail({ mail, sms }: Config): Promise<Finding> {
  const texts = sms ? "SMS over Twilio" : "no SMS";
  if (!mail) return ok("mail", `no mail server, ${texts}: what has no way out stays in the outbox, NOT SENT`);
  try {
    return ok("mail", `${await inspectMail(mail)}, ${texts}`);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return warn("mail", error.what, error.todo);
  }
}

async function examineDisk(dataDir: string): Promise<Finding> {
  let folder = dataDir;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
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

/** Errors without a message (several addresses that refused) have a code. */
const messageOf = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: string }; // Programs throw errors.
  return message || code || "it does not answer";
};

import { isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import { shown } from "./config-shown.ts";

/** A bad environment variable, in one line for the operator: its name, its value and what is expected. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Rethrows an error as a ConfigError, one line for the operator: `VARIABLE: …`. */
export const asConfigError =
  (variable: string, textOf = (why: string) => why) =>
  (error: unknown): never => {
    const { message = "", code = "" } = error as { message?: string; code?: string }; // Programs throw errors.
    throw new ConfigError(`${variable}: ${textOf(message || code)}`, { cause: error });
  };

/** The services that a process can run, alone or together. */
export const SERVICES = ["api", "worker", "mcp"] as const;
export type Service = (typeof SERVICES)[number];

const MINUTE = 60_000;
const UNIT_MS = { s: 1_000, m: MINUTE, h: 60 * MINUTE, d: 24 * 60 * MINUTE };
const MAX_TTL_DAYS = 365;

/** pino's levels, with Python's WARNING and CRITICAL as aliases. */
const LOG_LEVELS = {
  TRACE: "trace",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  FATAL: "fatal",
  CRITICAL: "fatal",
  SILENT: "silent",
} as const;

/** A string that passes `test`; `wants` completes the error line "…; wants …". */
const text = (wants: string, test: (value: string) => boolean) => z.string().refine(test, { error: wants });

const urlOf = (wants: string, scheme: RegExp) =>
  text(wants, (value) => scheme.test(value) && URL.canParse(value));

const databaseUrl = urlOf("postgres://user:password@host:5432/database", /^postgres(ql)?:\/\//);
const redisUrl = urlOf("redis://[:password@]host:6379 (or rediss://)", /^rediss?:\/\//);

/** Scheme, host and port only: links append a path to it. */
const baseUrl = text("http(s)://host[:port], without a path", (value) => {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return `${url.origin}/` === url.href;
}).transform((value) => new URL(value).origin);

const integer = (min: number, max: number) =>
  text(
    `a whole number from ${min} to ${max}`,
    (value) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max,
  ).transform(Number);

const timezone = text('an IANA time zone, such as "America/Chicago"', (value) => {
  if (!/^[A-Za-z]/.test(value)) return false; // Newer Nodes also accept offsets, which have no daylight time.
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
});

/** Addresses and networks, separated by commas. A network of everybody would let callers name any address as theirs. */
const proxies = text(
  "addresses or networks of your reverse proxies, such as 10.0.0.5,192.168.0.0/16",
  (value) => value.split(",").every((each) => isNetwork(each.trim())),
).transform((value) => value.split(",").map((each) => each.trim()));

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
}

const currency = text(
  'an ISO 4217 code of three capital letters, such as "USD"',
  (value) => /^[A-Z]{3}$/.test(value) && Intl.supportedValuesOf("currency").includes(value),
);

/** What `millisecondsOf` takes, to complete the line "wants …". */
export const durationWants = `a whole number and a unit (s, m, h or d), such as "72h", at most ${MAX_TTL_DAYS}d`;

/** `90d` → milliseconds; null where it is not such a duration, or too long. */
export function millisecondsOf(value: string): number | null {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(value) ?? [];
  const ms = Number(amount) * UNIT_MS[(unit ?? "s") as keyof typeof UNIT_MS]; // The pattern admits only these units.
  return ms > 0 && ms <= MAX_TTL_DAYS * UNIT_MS.d ? ms : null;
}

const durationMs = z.string().transform((value, context) => {
  const ms = millisecondsOf(value);
  if (ms !== null) return ms;
  context.addIssue({ code: "custom", message: durationWants });
  return z.NEVER;
});

const isLogLevel = (value: string): value is keyof typeof LOG_LEVELS => Object.hasOwn(LOG_LEVELS, value);
const smtpUrl = text(
  "smtp://user:password@host:587 (or smtps://)",
  (value) => /^smtps?:\/\/[^/]/.test(value) && URL.canParse(value) && new URL(value).hostname !== "",
);
const mailFrom = text('an address, such as "Clear View <office@example.com>"', (value) =>
  /^([^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(value),
);

const logLevel = z.string().transform((value, context) => {
  const name = value.toUpperCase();
  if (isLogLevel(name)) return LOG_LEVELS[name];
  context.addIssue({ code: "custom", message: "TRACE, DEBUG, INFO, WARN, ERROR, FATAL or SILENT" });
  return z.NEVER;
});

const variables = z.object({
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_OWNER_URL: databaseUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  REDIS_PREFIX: text("1 to 40 letters, digits, - or _", (value) => /^[\w-]{1,40}$/.test(value)).optional(),
  DATA_DIR: z.string().default(".countersign"),
  HOST: text(
    "an address or host name to listen on, such as 127.0.0.1",
    (value) => !/[\s/]/.test(value),
  ).default("127.0.0.1"),
  PORT: integer(0, 65_535).default(8000),
  PUBLIC_URL: baseUrl.optional(),
  TRUST_PROXY: proxies.optional(),
  BUSINESS_TIMEZONE: timezone.default("America/Chicago"),
  BUSINESS_CURRENCY: currency.default("USD"),
  AUTHORIZATION_TTL: durationMs.default(72 * UNIT_MS.h),
  READ_TIMEOUT: durationMs.default(10 * UNIT_MS.s),
  WORKER_SILENCE: durationMs.default(10 * UNIT_MS.s),
  OWNER_EMAIL: z.email({ error: "an e-mail address" }).optional(),
  OWNER_PASSWORD: text("at least 12 characters", (value) => value.length >= 12).optional(),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: mailFrom.optional(),
  TWILIO_ACCOUNT_SID: text("an account SID: AC and 32 hex digits", (value) =>
    /^AC[0-9a-f]{32}$/i.test(value),
  ).optional(),
  TWILIO_AUTH_TOKEN: text("the account's auth token", (value) => !/\s/.test(value)).optional(),
  TWILIO_FROM: text("a number such as +16085550123, or a messaging service's SID (MG…)", (value) =>
    /^(\+\d{5,15}|MG[0-9a-f]{32})$/i.test(value),
  ).optional(),
  CRM_API_URL: baseUrl.default("http://localhost:8000"),
  CRM_API_TOKEN: text(
    "an agent token (cs_…), from `countersign token create`",
    (value) => !/\s/.test(value),
  ).optional(),
  AGENT_CALLS_PER_MINUTE: integer(1, 1_000_000).default(600),
  AGENT_WAITS: integer(1, 1_000_000).default(100),
  AGENT_READS: integer(1, 1_000_000).default(8),
  AGENT_PENDING: integer(1, 1_000_000).default(100),
  AGENT_COSTLY: integer(1, 1_000_000).default(8),
  MCP_LOG_LEVEL: logLevel.default("info"),
  LOG_LEVEL: logLevel.default("info"),
});

/** Every variable that the program reads; .env.example lists the same ones. */
export const variableNames = Object.keys(variables.shape);

export type Config = ReturnType<typeof toConfig>;

/** Reads the environment; throws a ConfigError for the first variable with a bad value. An empty string counts as unset. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const { data, error } = variables.safeParse(given);
  if (!data) throw badValue(error.issues[0], env);
  if (data.DATABASE_OWNER_URL && !data.DATABASE_URL) {
    const message = "DATABASE_URL to be set too; the embedded database has its own owner";
    throw badValue({ path: ["DATABASE_OWNER_URL"], message }, env);
  }
  const incomplete = missingPartner(data);
  if (incomplete) throw badValue(incomplete, env);
  return toConfig(data);
}

/** Variables that must be set together. */
const TOGETHER = [
  ["SMTP_URL", "MAIL_FROM"],
  ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"],
] as const;

function missingPartner(set: z.output<typeof variables>) {
  for (const names of TOGETHER) {
    const given = names.find((name) => set[name] !== undefined);
    const missing = names.find((name) => set[name] === undefined);
    if (given && missing) return { path: [missing], message: `a value, since ${given} is set` };
  }
  return undefined;
}

const toConfig = (set: z.output<typeof variables>) => ({
  databaseUrl: set.DATABASE_URL,
  databaseOwnerUrl: set.DATABASE_OWNER_URL ?? set.DATABASE_URL,
  redisUrl: set.REDIS_URL,
  redisPrefix: set.REDIS_PREFIX,
  dataDir: resolve(set.DATA_DIR),
  host: set.HOST,
  port: set.PORT,
  publicUrl: set.PUBLIC_URL,
  trustProxy: set.TRUST_PROXY ?? [],
  businessTimezone: set.BUSINESS_TIMEZONE,
  businessCurrency: set.BUSINESS_CURRENCY,
  authorizationTtlMs: set.AUTHORIZATION_TTL,
  workerSilenceMs: set.WORKER_SILENCE,
  ownerEmail: set.OWNER_EMAIL,
  ownerPassword: set.OWNER_PASSWORD,
  mail: set.SMTP_URL && set.MAIL_FROM ? { url: set.SMTP_URL, from: set.MAIL_FROM } : undefined,
  sms:
    set.TWILIO_ACCOUNT_SID && set.TWILIO_AUTH_TOKEN && set.TWILIO_FROM
      ? { accountSid: set.TWILIO_ACCOUNT_SID, authToken: set.TWILIO_AUTH_TOKEN, from: set.TWILIO_FROM }
      : undefined,
  crmApiUrl: set.CRM_API_URL,
  crmApiToken: set.CRM_API_TOKEN,
  agentCallsPerMinute: set.AGENT_CALLS_PER_MINUTE,
  agentWaits: set.AGENT_WAITS,
  readBudget: { most: set.AGENT_READS, timeoutMs: set.READ_TIMEOUT },
  agentPending: set.AGENT_PENDING,
  agentCostly: set.AGENT_COSTLY,
  mcpLogLevel: set.MCP_LOG_LEVEL,
  logLevel: set.LOG_LEVEL,
});

/** Base URL of all links. The port is known only once the server listens, because PORT=0 picks a free one. */
export const publicUrl = (config: Pick<Config, "publicUrl">, listeningPort: number): string =>
  config.publicUrl ?? `http://localhost:${listeningPort}`;

function badValue(
  issue: { path: PropertyKey[]; message: string } | undefined,
  env: NodeJS.ProcessEnv,
): ConfigError {
  const name = String(issue?.path[0]);
  return new ConfigError(`${name}: got ${shown(name, env[name] ?? "")}; wants ${issue?.message}.`);
}

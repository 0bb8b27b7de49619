import { Command, InvalidArgumentError, Option } from "commander";
import type { Logger } from "pino";
import { type Config, ConfigError, publicUrl, readConfig, type Service, SERVICES } from "../config.ts";
import { dataCommands } from "./data.ts";
import { tokenCommands } from "./tokens.ts";
import { verifyCommand } from "./verify.ts";
import { MOST_SYNTHETIC, WEEKS } from "../demo/limits.ts";
import { CrmError } from "../domain/core/errors.ts";
import { makeLog } from "../log.ts";
import { withBar } from "./progress.ts";

// Each command imports its large modules lazily, because an assistant waits while `countersign mcp` starts.

const STOP_WITHIN_MS = 9_000;

const program = new Command("countersign").description(
  "A CRM that an AI office manager runs and a person countersigns.",
);

program
  .command("start")
  .description("start the CRM: database, API, workers, MCP endpoint and pages")
  .option("--services <list>", `which of ${SERVICES.join(",")} to run in this process`, SERVICES.join(","))
  .action(async ({ services }: { services: string }) => {
    const config = readConfig();
    const interrupted = new AbortController();
    const log = makeLog(config.logLevel);
    // Node's own report of an uncaught error would print the rows that the error quotes.
    process.on("uncaughtException", (err) => {
      log.fatal({ err }, "a bug ends this process; another worker repeats its jobs");
      process.exit(1);
    });
    const named = servicesOf(services);
    const starting = import("../main.ts").then(({ start }) =>
      start(config, named, { log, signal: interrupted.signal, onLost: fail }),
    );
    onStop(async () => {
      interrupted.abort();
      await starting.then(
        (running) => running.stop(),
        () => undefined, // A failed start has stopped everything itself.
      );
    });
    const running = await starting.catch((error: unknown) => {
      if (!interrupted.signal.aborted) throw error;
    });
    if (running) process.stdout.write(`ready ${running.url ?? "(workers)"}\n`);
  });

program
  .command("mcp")
  .description("MCP server over stdio, for a running API")
  .addOption(new Option("--api-url <url>", "base URL of the API").env("CRM_API_URL"))
  .addOption(new Option("--token <token>", "agent token").env("CRM_API_TOKEN"))
  .action(async ({ apiUrl, token }: { apiUrl?: string; token?: string }) => {
    const config = readConfig({
      ...process.env,
      ...(apiUrl && { CRM_API_URL: apiUrl }),
      ...(token && { CRM_API_TOKEN: token }),
    });
    if (!config.crmApiToken) {
      throw new ConfigError(
        "CRM_API_TOKEN: got nothing; wants an agent token (cs_…), from `countersign token create`.",
      );
    }
    const { runStdio } = await import("../mcp/stdio.ts");
    await runStdio({ apiUrl: config.crmApiUrl, token: config.crmApiToken, log: makeLog(config.mcpLogLevel) });
  });

program
  .command("demo")
  .description("load the demo business, one year of a window-cleaning company; loading it again adds nothing")
  .option("--weeks <number>", "how many weeks of past visits to load", weeksOf, WEEKS)
  .option(
    "--contacts <number>",
    "load this many synthetic customers instead, for measurements; needs a superuser",
    syntheticCount,
  )
  .action(({ weeks, contacts }: { weeks: number; contacts?: number }) =>
    withDatabase(async ({ registry, db, ownerUrl }) => {
      if (contacts !== undefined) {
        const { loadSynthetic } = await import("../demo/synthetic.ts");
        const { buildSearch } = await import("../database/search-index.ts");
        await withBar("customers", (progress) => loadSynthetic(ownerUrl, contacts, progress));
        return index(ownerUrl, buildSearch);
      }
      const { loadDemo } = await import("../demo/load.ts");
      const base = await linkBase();
      const { jobs, customers } = await withBar("jobs", (progress) =>
        loadDemo(db, registry, { now: new Date(), publicUrl: base, weeks, progress }),
      );
      process.stdout.write(`The demo business is loaded: ${customers} customers, ${jobs} jobs.\n`);
    }),
  );

program
  .command("reindex")
  .description("rebuild the search index of all customers, while the CRM runs")
  .action(() =>
    withDatabase(async ({ ownerUrl }) => {
      const { renewSearch } = await import("../database/search-index.ts");
      return index(ownerUrl, renewSearch);
    }),
  );

program
  .command("doctor")
  .description(
    "check config, database, clock, queue, schedules, mail and disk, and say how to fix what is wrong",
  )
  .action(async () => {
    const { examine } = await import("./doctor.ts");
    const { lineOf } = await import("./finding.ts");
    const findings = await examine();
    process.stdout.write(findings.map((finding) => `${lineOf(finding)}\n`).join(""));
    process.exitCode = findings.some(({ state }) => state === "fail") ? 1 : 0;
  });

program
  .command("job")
  .description("show one job: its row, why it needed a decision, what it changed, how long each part took")
  .argument("<id>", "job_…")
  .action((id: string) =>
    withDatabase(async ({ db }) => {
      const { describeJob } = await import("./job.ts");
      const text = await describeJob(db, id);
      if (text === null) throw new CrmError("not_found", `There is no job ${JSON.stringify(id)}.`);
      process.stdout.write(text);
    }),
  );

tokenCommands(program, withDatabase);

program
  .command("invite")
  .description("create a one-time link with which a user sets a new password; it is printed once")
  .requiredOption("--email <email>", "the user's e-mail")
  .action(({ email }: { email: string }) =>
    withDatabase(async ({ db }) => {
      const { User } = await import("../entities/user.ts");
      const { invite } = await import("../identity/invitations.ts");
      const user = await db
        .getRepository(User)
        .findOneBy({ email: email.trim().toLowerCase(), active: true });
      if (!user) throw noUserWith(email);
      const url = await linkBase();
      const link = await invite({ db, publicUrl: () => url }, user.id);
      process.stdout.write(`${link.url}\nIt works once, until ${link.expires_at}.\n`);
    }),
  );

/** Base of links that a running CRM answers: PUBLIC_URL, or where it was started last. */
async function linkBase(): Promise<string> {
  const { lastAddress } = await import("../first-start.ts");
  const config = readConfig();
  return config.publicUrl ?? (await lastAddress(config)) ?? publicUrl(config, config.port);
}

const noUserWith = (email: string) =>
  new CrmError("not_found", `No active user has the e-mail ${email}.`, {
    hint: "An owner adds users with user.create.",
  });

dataCommands(program, withDatabase);
verifyCommand(program, withDatabase);

async function index(ownerUrl: string, work: SearchWork): Promise<void> {
  const contacts = await withBar("indexed", (progress) => work(ownerUrl, progress));
  process.stdout.write(`${contacts.toLocaleString("en-US")} customers are indexed.\n`);
}

function syntheticCount(written: string): number {
  const count = Number(written);
  if (Number.isInteger(count) && count > 0 && count <= MOST_SYNTHETIC) return count;
  throw new InvalidArgumentError(`wants a whole number from 1 to ${MOST_SYNTHETIC.toLocaleString("en-US")}.`);
}

function weeksOf(written: string): number {
  if (/^\d+$/.test(written) && Number(written) <= WEEKS) return Number(written);
  throw new InvalidArgumentError(`wants a whole number from 0 to ${WEEKS}.`);
}

type SearchWork = (typeof import("../database/search-index.ts"))["renewSearch"];
type Database = Awaited<ReturnType<(typeof import("../open-database.ts"))["openDatabase"]>>;

async function withDatabase(use: (database: Database) => Promise<void>): Promise<void> {
  const config: Config = readConfig();
  const log: Logger = makeLog("warn");
  const { makeShutdown } = await import("../shutdown.ts");
  const shutdown = makeShutdown((err) => log.warn({ err }, "a part did not stop cleanly"));
  try {
    const { openDatabase } = await import("../open-database.ts");
    await use(await openDatabase(config, { log, shutdown }));
  } finally {
    await shutdown.run();
  }
}

function servicesOf(list: string): Service[] {
  const named = list.split(",").map((name) => name.trim());
  const services = SERVICES.filter((name) => named.includes(name));
  if (services.length === new Set(named).size) return services;
  throw new ConfigError(`--services: got "${list}"; wants some of ${SERVICES.join(",")}.`);
}

/** Stops cleanly, but exits if that takes too long. A second signal is ignored, because npm passes Ctrl-C on a second time. */
function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGINT", end).on("SIGTERM", end);
}

/** One line for an error that the user can correct; the stack only for bugs. */
function fail(error: unknown): never {
  const expected = error instanceof ConfigError || error instanceof CrmError;
  const text = expected
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  const hint = error instanceof CrmError && error.body.hint ? ` ${error.body.hint}` : "";
  process.stderr.write(`countersign: ${text}${hint}\n`);
  process.exit(1);
}

await program.parseAsync().catch(fail);

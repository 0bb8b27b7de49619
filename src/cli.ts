import { Command, InvalidArgumentError, Option } from "commander";
import type { Logger } from "pino";
import { type Config, ConfigError, publicUrl, readConfig, type Service, SERVICES } from "./config.ts";
import { dataCommands } from "./data-commands.ts";
import { MOST_SYNTHETIC, WEEKS } from "./demo/bounds.ts";
import { CrmError } from "./domain/core/errors.ts";
import { makeLog } from "./log.ts";
import { withBar } from "./progress.ts";

// What is large is loaded by the command that needs it: an assistant waits for `countersign mcp`.

const STOP_WITHIN_MS = 9_000;

const program = new Command("countersign").description(
  "A CRM that an AI office manager runs, and a person countersigns.",
);

program
  .command("start")
  .description("start the CRM: database, API, workers, MCP endpoint and pages")
  .option("--services <list>", `which of ${SERVICES.join(",")} to run in this process`, SERVICES.join(","))
  .action(async ({ services }: { services: string }) => {
    const config = readConfig();
    const interrupted = new AbortController();
    const log = makeLog(config.logLevel);
    // Node's own words for an error nobody caught would quote rows.
    process.on("uncaughtException", (err) => {
      log.fatal({ err }, "a bug ends this process; what it held is done by another");
      process.exit(1);
    });
    const named = servicesOf(services);
    const starting = import("./main.ts").then(({ start }) => start(config, named, log, interrupted.signal));
    onStop(async () => {
      interrupted.abort();
      await starting.then(
        (running) => running.stop(),
        () => undefined, // It stopped what it had started.
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
        "CRM_API_TOKEN: is not set; wants an agent token (cs_…), from `countersign token create`.",
      );
    }
    const { runStdio } = await import("./mcp/stdio.ts");
    await runStdio({ apiUrl: config.crmApiUrl, token: config.crmApiToken, log: makeLog(config.mcpLogLevel) });
  });

program
  .command("demo")
  .description("load the demo business, a year of a window-cleaning company; loading it twice adds nothing")
  .option("--weeks <number>", "how many weeks back its visits go", weeksOf, WEEKS)
  .option(
    "--contacts <number>",
    "instead: so many made-up customers, to measure with; as a superuser",
    syntheticCount,
  )
  .action(({ weeks, contacts }: { weeks: number; contacts?: number }) =>
    withDatabase(async ({ registry, db, ownerUrl }) => {
      if (contacts !== undefined) {
        const { loadSynthetic } = await import("./demo/synthetic.ts");
        const { buildSearch } = await import("./entities/search-index.ts");
        await withBar("made", (told) => loadSynthetic(ownerUrl, contacts, told));
        return index(ownerUrl, buildSearch);
      }
      const { loadDemo } = await import("./demo/load.ts");
      const { jobs, customers } = await withBar("jobs", (told) => loadDemo(db, registry, { weeks, told }));
      process.stdout.write(`The demo business is loaded: ${customers} customers, ${jobs} jobs.\n`);
    }),
  );

program
  .command("reindex")
  .description("go through all customers and make what they are found by anew, while work goes on")
  .action(() =>
    withDatabase(async ({ ownerUrl }) => {
      const { renewSearch } = await import("./entities/search-index.ts");
      return index(ownerUrl, renewSearch);
    }),
  );

program
  .command("doctor")
  .description("look at config, database, clock, queue, mail and disk: what is wrong, and what to do")
  .action(async () => {
    const { examine, lineOf } = await import("./doctor.ts");
    const findings = await examine();
    process.stdout.write(findings.map((finding) => `${lineOf(finding)}\n`).join(""));
    process.exitCode = findings.some(({ state }) => state === "fail") ? 1 : 0;
  });

program
  .command("token")
  .description("agent tokens")
  .command("create")
  .description("make an agent token; it is printed once")
  .requiredOption("--name <name>", "whose token it is, as people will see it")
  .action(({ name }: { name: string }) =>
    withDatabase(async ({ db }) => {
      const { createAgentToken } = await import("./api/accounts.ts");
      const { token } = await createAgentToken(db, name);
      process.stdout.write(`${token}\n`);
    }),
  );

program
  .command("invite")
  .description("make a link by which a person who may sign in chooses a new password; it is printed once")
  .requiredOption("--email <email>", "whose")
  .action(({ email }: { email: string }) =>
    withDatabase(async ({ db }) => {
      const { User } = await import("./entities/user.ts");
      const { invite } = await import("./api/invitations.ts");
      const { lastAddress } = await import("./first-start.ts");
      const user = await db
        .getRepository(User)
        .findOneBy({ email: email.trim().toLowerCase(), active: true });
      if (!user) throw nobodyHas(email);
      const config = readConfig();
      const url = config.publicUrl ?? (await lastAddress(config)) ?? publicUrl(config, config.port);
      const parts = { db, now: () => new Date(), publicUrl: () => url };
      const link = await invite(parts, user);
      process.stdout.write(`${link.url}\nIt works once, until ${link.expires_at}.\n`);
    }),
  );

const nobodyHas = (email: string) =>
  new CrmError("not_found", `Nobody who may sign in has the e-mail ${email}.`, {
    hint: "An owner lets people in with user.create.",
  });

dataCommands(program, withDatabase);

async function index(ownerUrl: string, work: SearchWork): Promise<void> {
  const contacts = await withBar("indexed", (told) => work(ownerUrl, told));
  process.stdout.write(`${contacts.toLocaleString("en-US")} customers can be found.\n`);
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

type SearchWork = (typeof import("./entities/search-index.ts"))["renewSearch"];
type Database = Awaited<ReturnType<(typeof import("./main.ts"))["openDatabase"]>>;

async function withDatabase(use: (database: Database) => Promise<void>): Promise<void> {
  const config: Config = readConfig();
  const log: Logger = makeLog("warn");
  const closers: (() => Promise<void>)[] = [];
  try {
    const { openDatabase } = await import("./main.ts");
    await use(await openDatabase(config, log, closers));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function servicesOf(list: string): Service[] {
  const named = list.split(",").map((name) => name.trim());
  const services = SERVICES.filter((name) => named.includes(name));
  if (services.length === new Set(named).size) return services;
  throw new ConfigError(`--services: got "${list}"; wants some of ${SERVICES.join(",")}.`);
}

/** Stops cleanly, and at once where that takes too long. A second signal changes nothing: npm passes Ctrl-C on once more. */
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

/** One line for what a person can put right; the stack only for bugs. */
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

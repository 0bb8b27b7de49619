import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readConfig } from "../config.ts";
import { loadDemo } from "../demo/load.ts";
import { newId } from "../domain/core/ids.ts";
import { ApiToken } from "../entities/api-token.ts";
import { hashOf } from "../identity/secrets.ts";
import { makeLog } from "../log.ts";
import { type OpenDatabase, openDatabase } from "../open-database.ts";
import { makeShutdown } from "../shutdown.ts";
import { prettyLine } from "./pretty-line.ts";
import { withBar } from "./progress.ts";

/** `npm run dev`: runs the product with its own database and restarts it on every change below src. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = join(ROOT, "bin", "countersign.js");

/** Enough data for every page. The whole year takes minutes to load. */
const DEMO_WEEKS = 4;

/** Debounce: editors write several files at once. */
const SETTLE_MS = 200;

/** Fixed, so that a configured client works after every reset. Exists only in the database below .countersign/dev. */
const TOKEN = "cs_development_only_never_in_production0000000";
const OWNER = { OWNER_EMAIL: "owner@countersign.local", OWNER_PASSWORD: "countersign-dev" };

/** Point to other installations, which the development server must not write to. */
const NOT_FOR_DEV = ["DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PUBLIC_URL"];

/** The caller's environment, but with the embedded database and on loopback only. */
const devEnvironment = (): NodeJS.ProcessEnv => ({
  LOG_LEVEL: "DEBUG",
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_FOR_DEV.includes(name))),
  ...OWNER,
  HOST: "127.0.0.1",
  DATA_DIR: join(ROOT, ".countersign", "dev"),
});

const say = (text: string) => process.stdout.write(`${text}\n`);

async function prepare({ db, registry }: OpenDatabase, dataDir: string): Promise<void> {
  const tokens = db.getRepository(ApiToken);
  const token_hash = hashOf(TOKEN);
  if (!(await tokens.existsBy({ token_hash })))
    await tokens.insert({ id: newId("token"), name: "Development", token_hash });
  const loaded = join(dataDir, "demo-loaded");
  if (existsSync(loaded)) return;
  say("Loading the demo business; this happens once.");
  await withBar("jobs", (progress) =>
    loadDemo(db, registry, { now: new Date(), weeks: DEMO_WEEKS, progress }),
  );
  await writeFile(loaded, "");
}

function startProduct(env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, "start"], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith("ready ")) return;
    say(`${line}   ${OWNER.OWNER_EMAIL} / ${OWNER.OWNER_PASSWORD}   agent token ${TOKEN}`);
  });
  createInterface({ input: child.stderr }).on("line", (line) => say(prettyLine(line)));
  return child;
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

async function stopProduct(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}

async function dev(): Promise<void> {
  const env = devEnvironment();
  const config = readConfig(env);
  const log = makeLog("warn", { write: (line) => say(prettyLine(line.trim())) });
  const shutdown = makeShutdown((err) => log.warn({ err }, "a part did not stop cleanly"));
  // Stays open, so that the embedded database keeps running when the product restarts.
  await prepare(await openDatabase(config, { log, shutdown }), config.dataDir);

  let child = startProduct(env);
  let restarting: Promise<void> = Promise.resolve();
  let settle: NodeJS.Timeout | undefined;
  const restart = async () => {
    await stopProduct(child);
    child = startProduct(env);
  };
  const watcher = watch(join(ROOT, "src"), { recursive: true }, (_, file) => {
    clearTimeout(settle);
    settle = setTimeout(() => {
      say(`${file} changed: restarting`);
      restarting = restarting.then(restart);
    }, SETTLE_MS);
  });
  const stop = async () => {
    watcher.close();
    clearTimeout(settle);
    await restarting;
    await stopProduct(child);
    await shutdown.run();
    process.exit(0);
  };
  process.once("SIGINT", () => void stop()).once("SIGTERM", () => void stop());
}

await dev();

/**
 * `npm run bench [-- --short] [--backend redis] [--json]`, `-- search [--contacts N] [--json]`, `-- availability [--json]`, or
 * `-- worst-calls [--seconds N] [--contacts N] [--backend redis] [--json]`: see docs/performance.md.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { redisAvailable } from "../tests/support/redis.ts";
import { availabilityReport, benchAvailability } from "./availability.ts";
import { closeConnections } from "./load.ts";
import { ratiosOf, reportOf } from "./report.ts";
import { FULL, runBench, SHORT } from "./run.ts";
import { benchSearch, searchReport } from "./search.ts";
import type { Kind } from "./environment.ts";
import { benchWorstCalls, worstCallsReport } from "./worst-calls.ts";

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    backend: { type: "string" },
    contacts: { type: "string" },
    seconds: { type: "string", default: "120" },
  },
});
const MILLION = 1_000_000;
/** Size of a full run of the worst calls. */
const WORST = { contacts: 50_000, seconds: 120 };
const logLine = (line: string) => void process.stderr.write(`${line}\n`);

const benches: Record<string, () => Promise<void>> = { search, availability, "worst-calls": worstCalls };
await (benches[positionals[0] ?? ""] ?? pipeline)();

async function worstCalls(): Promise<void> {
  const options = {
    backend: args.backend === "redis" ? ("redis" as const) : ("postgres" as const),
    contacts: Number(args.contacts ?? WORST.contacts),
    seconds: Number(args.seconds),
  };
  const results = await benchWorstCalls(options, (what) => logLine(`worst calls: ${what} …`));
  const run = { date: new Date().toISOString(), ...results };
  process.stdout.write(args.json ? `${JSON.stringify(run)}\n` : worstCallsReport(results));
  const isFull = results.contacts >= WORST.contacts && results.seconds >= WORST.seconds;
  if (isFull) await save(run, `worst-calls-${options.backend}`);
  if (results.verdicts.some(({ met }) => !met)) process.exitCode = 1;
}

async function availability(): Promise<void> {
  const results = await benchAvailability((what) => logLine(`availability: ${what} …`));
  const run = { date: new Date().toISOString(), ...results };
  process.stdout.write(args.json ? `${JSON.stringify(run)}\n` : availabilityReport(results));
  await save(run, "availability");
}

async function search(): Promise<void> {
  const results = await benchSearch(Number(args.contacts ?? MILLION), (what) => logLine(`search: ${what} …`));
  const run = { date: new Date().toISOString(), ...results };
  process.stdout.write(args.json ? `${JSON.stringify(run)}\n` : searchReport(results));
  if (results.contacts >= MILLION) await save(run, "search");
}

async function pipeline(): Promise<void> {
  const all = [];
  for (const kind of backends()) {
    const results = await runBench(kind, args.short ? SHORT : FULL, (what) => logLine(`${kind}: ${what} …`));
    const ratios = ratiosOf(results, kind === "redis");
    const run = {
      backend: kind,
      date: new Date().toISOString(),
      short: args.short,
      machine: { cores: availableParallelism(), node: process.version, platform: process.platform },
      ratios,
      results,
    };
    all.push(run);
    if (!args.short) await save(run, kind);
    if (!args.json) process.stdout.write(reportOf(kind, results, ratios));
  }
  closeConnections();
  if (args.json) process.stdout.write(`${JSON.stringify({ runs: all })}\n`);
}

/** All available backends, or the one of --backend. */
function backends(): Kind[] {
  const redis = redisAvailable();
  if (!redis.available) logLine(`Left out: Redis: ${redis.reason}`);
  const kinds: Kind[] = redis.available ? ["redis", "postgres"] : ["postgres"];
  return kinds.filter((kind) => args.backend === undefined || kind === args.backend);
}

/** Saves the results. Used for full runs only: a short one is not significant. */
async function save(run: { date: string }, name: string): Promise<void> {
  const folder = new URL("results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(
    new URL(`${run.date.slice(0, 10)}-${name}.json`, folder),
    `${JSON.stringify(run, null, 2)}\n`,
  );
}

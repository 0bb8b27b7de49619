/** `npm run bench [-- --short] [--backend redis] [--json]`, or `-- search [--contacts N] [--json]`: see README, "Tests". */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { redisAvailable } from "../tests/support/redis.ts";
import { closeConnections } from "./load.ts";
import { ratiosOf, reportOf } from "./report.ts";
import { FULL, runBench, SHORT } from "./run.ts";
import { benchSearch, searchReport } from "./search.ts";
import type { Kind } from "./stage.ts";

const { values: asked, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    backend: { type: "string" },
    contacts: { type: "string", default: "1000000" },
  },
});
const MILLION = 1_000_000;
const tell = (line: string) => void process.stderr.write(`${line}\n`);

await (positionals[0] === "search" ? search() : pipeline());

async function search(): Promise<void> {
  const results = await benchSearch(Number(asked.contacts), (what) => tell(`search: ${what} …`));
  const run = { date: new Date().toISOString(), ...results };
  process.stdout.write(asked.json ? `${JSON.stringify(run)}\n` : searchReport(results));
  if (results.contacts >= MILLION) await keep(run, "search");
}

async function pipeline(): Promise<void> {
  const all = [];
  for (const kind of backends()) {
    const results = await runBench(kind, asked.short ? SHORT : FULL, (what) => tell(`${kind}: ${what} …`));
    const ratios = ratiosOf(results, kind === "redis");
    const run = {
      backend: kind,
      date: new Date().toISOString(),
      short: asked.short,
      machine: { cores: availableParallelism(), node: process.version, platform: process.platform },
      ratios,
      results,
    };
    all.push(run);
    if (!asked.short) await keep(run, kind);
    if (!asked.json) process.stdout.write(reportOf(kind, results, ratios));
  }
  closeConnections();
  if (asked.json) process.stdout.write(`${JSON.stringify({ runs: all })}\n`);
}

/** All there are, or the one that was asked for. */
function backends(): Kind[] {
  const redis = redisAvailable();
  if (!redis.available) tell(`Left out: Redis: ${redis.reason}`);
  const kinds: Kind[] = redis.available ? ["redis", "postgres"] : ["postgres"];
  return kinds.filter((kind) => asked.backend === undefined || kind === asked.backend);
}

/** A full run only: a short one says too little. */
async function keep(run: { date: string }, name: string): Promise<void> {
  const folder = new URL("results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(
    new URL(`${run.date.slice(0, 10)}-${name}.json`, folder),
    `${JSON.stringify(run, null, 2)}\n`,
  );
}

/** `npm run bench [-- --short] [--json]`: see README, "How fast it is". */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { redisAvailable } from "../tests/support/redis.ts";
import { closeConnections } from "./load.ts";
import { ratiosOf, reportOf } from "./report.ts";
import { FULL, runBench, SHORT } from "./run.ts";

const { values: asked } = parseArgs({
  options: { short: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const tell = (line: string) => void process.stderr.write(`${line}\n`);

const redis = redisAvailable();
if (!redis.available) tell(`Left out: Redis: ${redis.reason}`);

const all = [];
for (const kind of redis.available ? (["redis", "postgres"] as const) : (["postgres"] as const)) {
  const results = await runBench(kind, asked.short ? SHORT : FULL, (what) => tell(`${kind}: ${what} …`));
  const ratios = ratiosOf(results, kind === "redis");
  all.push({
    backend: kind,
    date: new Date().toISOString(),
    short: asked.short,
    machine: { cores: availableParallelism(), node: process.version, platform: process.platform },
    ratios,
    results,
  });
  if (!asked.json) process.stdout.write(reportOf(kind, results, ratios));
}
closeConnections();

// A short run says too little to be kept.
const folder = new URL("results/", import.meta.url);
for (const each of asked.short ? [] : all) {
  await mkdir(folder, { recursive: true });
  const file = new URL(`${each.date.slice(0, 10)}-${each.backend}.json`, folder);
  await writeFile(file, `${JSON.stringify(each, null, 2)}\n`);
}
if (asked.json) process.stdout.write(`${JSON.stringify({ runs: all })}\n`);

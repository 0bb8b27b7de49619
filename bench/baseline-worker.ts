/** The worker process of a baseline: `baseline-worker.ts bullmq|graphile`. Reads the URLs from the environment. */
import { run } from "graphile-worker";
import { openBullmq } from "./bullmq.ts";
import { openPool, sameSql, type Work } from "./same-sql.ts";

const CONCURRENCY = 16;
const { BENCH_DATABASE_URL: databaseUrl = "", BENCH_REDIS_URL: redisUrl = "" } = process.env;
const pool = openPool(databaseUrl);

async function bullmq(): Promise<void> {
  const { worker } = openBullmq({ databaseUrl, redisUrl });
  await worker(CONCURRENCY, (work) => sameSql(pool, work)).waitUntilReady();
}

async function graphile(): Promise<void> {
  const runner = await run({
    pgPool: pool,
    concurrency: CONCURRENCY,
    noHandleSignals: true,
    parsedCronItems: [],
    taskList: { change: (payload) => sameSql(pool, payload as Work) }, // Added by baselines.ts.
  });
  // graphile-worker cannot notify the process that added a job; IPC is the cheapest way.
  runner.events.on("job:success", ({ job }) => process.send?.(String(job.id)));
}

process.on("disconnect", () => process.exit()); // The bench is gone.
await (process.argv[2] === "graphile" ? graphile() : bullmq());
process.send?.("ready");

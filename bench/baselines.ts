import { makeWorkerUtils } from "graphile-worker";
import { openBullmq } from "./bullmq.ts";
import { type Child, startChild } from "./child.ts";
import type { Call } from "./load.ts";
import { openPool, sameSql, type Work } from "./same-sql.ts";
import type { Place } from "./environment.ts";

/** A system to compare with. */
export interface Baseline {
  call: Call;
  stop(): Promise<void>;
}

type NextWork = (nth: number) => Work;

export async function sqlAlone({ databaseUrl }: Place, work: NextWork): Promise<Baseline> {
  const pool = openPool(databaseUrl);
  const call: Call = (nth) => sameSql(pool, work(nth)).then(() => true);
  return { call, stop: () => pool.end() };
}

/** Callers run in this process and the worker in its own, as for the product. */
export async function bareBullmq(place: Place, work: NextWork): Promise<Baseline> {
  const worker = await startWorker("bullmq", place);
  const bullmq = openBullmq(place);
  const [queue, events] = [bullmq.queue(), bullmq.events()];
  await events.waitUntilReady();
  return {
    async call(nth) {
      const job = await queue.add("change", work(nth));
      return job.waitUntilFinished(events, 10_000).then(
        () => true,
        () => false,
      );
    },
    async stop() {
      await Promise.all([queue.close(), events.close()]);
      await bullmq.end();
      await worker.end();
    },
  };
}

export async function graphile(place: Place, work: NextWork): Promise<Baseline> {
  const pool = openPool(place.databaseUrl);
  const utils = await makeWorkerUtils({ pgPool: pool });
  await utils.migrate();
  const worker = await startWorker("graphile", place);
  const waiting = new Map<string, (done: boolean) => void>();
  const early = new Set<string>();
  worker.process.on("message", (id: string) => {
    const resolve = waiting.get(id);
    if (resolve) resolve(true);
    else early.add(id);
  });
  return {
    async call(nth) {
      const id = String((await utils.addJob("change", work(nth))).id); // A bigint: data-source.ts parses it as a number.
      if (early.delete(id)) return true;
      const done = await new Promise<boolean>((resolve) => waiting.set(id, resolve));
      return waiting.delete(id) && done;
    },
    async stop() {
      await worker.end();
      await utils.release();
      await pool.end();
    },
  };
}

const startWorker = (kind: string, { databaseUrl, redisUrl }: Place): Promise<Child> =>
  startChild("baseline-worker.ts", [kind], {
    BENCH_DATABASE_URL: databaseUrl,
    BENCH_REDIS_URL: redisUrl ?? "",
  });

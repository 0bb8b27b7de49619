import { makeWorkerUtils } from "graphile-worker";
import { openBullmq } from "./bullmq.ts";
import { type Child, startChild } from "./child.ts";
import type { Call } from "./load.ts";
import { openPool, sameSql, type Work } from "./same-sql.ts";
import type { Place } from "./stage.ts";

/** Something that does the work for a caller and tells it; `stop` ends what it started. */
export interface Peer {
  call: Call;
  stop(): Promise<void>;
}

type NextWork = (nth: number) => Work;

export async function sqlAlone({ databaseUrl }: Place, work: NextWork): Promise<Peer> {
  const pool = openPool(databaseUrl);
  const call: Call = (nth) => sameSql(pool, work(nth)).then(() => true);
  return { call, stop: () => pool.end() };
}

/** Callers in this process, the worker in its own, as with the product. */
export async function bareBullmq(place: Place, work: NextWork): Promise<Peer> {
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

export async function graphile(place: Place, work: NextWork): Promise<Peer> {
  const pool = openPool(place.databaseUrl);
  const utils = await makeWorkerUtils({ pgPool: pool });
  await utils.migrate();
  const worker = await startWorker("graphile", place);
  const waiting = new Map<string, (told: boolean) => void>();
  const early = new Set<string>();
  worker.process.on("message", (id: string) => {
    const tell = waiting.get(id);
    if (tell) tell(true);
    else early.add(id);
  });
  return {
    async call(nth) {
      const id = String((await utils.addJob("change", work(nth))).id); // A bigint, which the product reads as a number.
      if (early.delete(id)) return true;
      const told = await new Promise<boolean>((resolve) => waiting.set(id, resolve));
      return waiting.delete(id) && told;
    },
    async stop() {
      await worker.end();
      await utils.release();
      await pool.end();
    },
  };
}

const startWorker = (kind: string, { databaseUrl, redisUrl }: Place): Promise<Child> =>
  startChild("peer-worker.ts", [kind], { BENCH_DATABASE_URL: databaseUrl, BENCH_REDIS_URL: redisUrl ?? "" });

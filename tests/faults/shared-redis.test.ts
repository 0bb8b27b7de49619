import { Redis } from "ioredis";
import { connectQueues, enqueue } from "../../src/queue/index.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { describeOnRedis } from "../support/backends.ts";
import { allCompletedOnce, makeLoggingClient } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";

const log = { warn: () => undefined };
const JOBS = 20;

describeOnRedis("two installations on one Redis", (redis) => {
  const apps: TestApp[] = [];
  const started = async (services: string[]) => {
    const app = await startApp({ redisUrl: () => redis().url }, { services });
    apps.push(app);
    return app;
  };
  afterAll(() => Promise.all(apps.map((app) => app.stop())));

  it("keep apart: each runs its own jobs and none of the other's", async () => {
    const waiting = await started(["api,mcp"]);
    const busy = await started(["api,mcp,worker"]);
    const [first, second] = [makeLoggingClient(waiting), makeLoggingClient(busy)];
    await first.submit(JOBS);
    await second.submit(JOBS);
    await eventually(async () => expect(await second.outcome()).toEqual(allCompletedOnce(second.accepted)));

    const queues = await connectQueues({ redisUrl: redis().url, databaseUrl: waiting.databaseUrl, log });
    expect(await queues.queue("actions").getWaitingCount()).toBe(JOBS);
    await queues.close();
    await waiting.spawn("worker");
    await eventually(async () => expect(await first.outcome()).toEqual(allCompletedOnce(first.accepted)));
  }, 180_000);

  it("use the prefix that REDIS_PREFIX names", async () => {
    const own = new Redis(redis().url);
    const queues = await connectQueues({
      ...{ redisUrl: redis().url, redisPrefix: "north", databaseUrl: "", log },
    });
    await enqueue(queues.queue("actions"), { id: "job_p-1", data: { jobId: "job_p" } });
    expect(await own.exists("north:actions:job_p-1")).toBe(1);
    const prefixes = new Set((await own.keys("*")).map((key) => key.split(":")[0]));
    expect([...prefixes].filter((prefix) => prefix !== "north")).toEqual([
      expect.stringMatching(/^countersign-[0-9a-f]{12}$/),
      expect.stringMatching(/^countersign-[0-9a-f]{12}$/),
    ]);
    await queues.close();
    own.disconnect();
  });
});

import pg from "pg";
import { connectQueues, enqueue, isPending, migrateQueue } from "../../src/queue/index.ts";
import { describeOnRedis } from "../support/backends.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { startRedis } from "../support/redis.ts";
import { recordJobs, until } from "../workers/follow.ts";

const HOUR = 3_600_000;
const log = { warn: () => undefined };

describe("the queue in PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await testDatabase()));
  afterAll(() => database.drop());

  const asOwner = async (sql: string, parameters: unknown[] = []) => {
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    return owner.query(sql, parameters).finally(() => owner.end());
  };

  it("works after three concurrent migrations", async () => {
    await asOwner("DROP SCHEMA bullmq CASCADE");
    await Promise.all([1, 2, 3].map(() => migrateQueue(database.url)));
    const backend = await connectQueues({ databaseUrl: database.url, log });
    await enqueue(backend.queue("actions"), { id: "job_k-1", data: { jobId: "job_k" } });
    expect(await isPending(backend.queue("actions"), "job_k-1")).toBe(true);
    await backend.close();
  });

  it("runs new jobs after its connections were terminated, also with a job delayed by an hour", async () => {
    const backend = await connectQueues({ databaseUrl: database.url, log });
    const queue = backend.queue("deliveries");
    const worker = recordJobs(backend, "deliveries");
    await enqueue(queue, { id: "delivery_l-far", data: { deliveryId: "l" } }, HOUR);
    const first = worker.started("delivery_l-1");
    await enqueue(queue, { id: "delivery_l-1", data: { deliveryId: "l" } });
    await first;
    const second = worker.started("delivery_l-2");
    const cut = await asOwner(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect(cut.rowCount).toBeGreaterThan(0);
    await until(() => enqueue(queue, { id: "delivery_l-2", data: { deliveryId: "l" } }).then(() => true));
    await second;
    await backend.close();
  });
});

describeOnRedis("a queue that is down", (redis) => {
  it.each([
    ["silent", "SIGSTOP", /timed out/],
    ["gone", "SIGKILL", /writeable|closed|max retries|ECONNRE/],
  ] as const)(
    "rejects a job while it is %s instead of hanging, and accepts it afterwards",
    async (_, signal, error) => {
      const backend = await connectQueues({
        redisUrl: redis().url,
        redisPrefix: "test",
        databaseUrl: "",
        log,
      });
      const queue = backend.queue("actions");
      const worker = recordJobs(backend, "actions");
      const id = `job_m-${signal}`;
      const started = worker.started(id);

      redis().kill(signal);
      await expect(enqueue(queue, { id, data: { jobId: "job_m" } })).rejects.toThrow(error);
      await expect(backend.ping()).rejects.toThrow(error);

      if (signal === "SIGSTOP") redis().kill("SIGCONT");
      else await redis().restart();
      await until(() => enqueue(queue, { id, data: { jobId: "job_m" } }).then(() => true));
      await started;
      await backend.ping();
      await backend.close();
    },
  );

  it("closes while it is down", async () => {
    const own = await startRedis();
    const backend = await connectQueues({ redisUrl: own.url, redisPrefix: "test", databaseUrl: "", log });
    recordJobs(backend, "actions");
    await own.stop();
    await backend.close();
    await expect(backend.ping()).rejects.toThrow();
  });

  it("is rejected at startup with a hint when it does not answer, evicts keys or needs a password", async () => {
    const evicting = await startRedis({ "maxmemory-policy": "allkeys-lru" });
    const connect = () =>
      connectQueues({ redisUrl: evicting.url, redisPrefix: "test", databaseUrl: "", log });
    await expect(connect()).rejects.toThrow(/allkeys-lru.*CONFIG SET maxmemory-policy noeviction/);
    await evicting.stop();
    const guarded = await startRedis({ requirepass: "secret" });
    const unknown = connectQueues({ redisUrl: guarded.url, redisPrefix: "test", databaseUrl: "", log });
    await expect(unknown).rejects.toThrow(/NOAUTH.*REDIS_URL/);
    await guarded.stop();
    await expect(connect()).rejects.toThrow(/ECONNREFUSED.*REDIS_URL/);
  });
});

import pg from "pg";
import { connectQueues, enqueue, isPending, migrateQueue, promoteOrAdd } from "../../src/workers/queues.ts";
import type { Backend, JobData, QueueName, QueuedJob } from "../../src/workers/queues.ts";
import { describeOnRedis, eachBackend } from "../support/backends.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { startRedis } from "../support/redis.ts";

const HOUR = 3_600_000;
const log = { warn: () => undefined };

/** Runs a queue's jobs and remembers them. */
function follow(
  backend: Backend,
  name: QueueName,
  process: (job: QueuedJob) => Promise<void> = async () => {},
  concurrency = 1,
) {
  const ran: { id: string | undefined; data: JobData }[] = [];
  const waiting = new Map<string, () => void>();
  const worker = backend.worker(
    name,
    async (job) => {
      ran.push({ id: job.id, data: job.data });
      waiting.get(job.id ?? "")?.();
      await process(job);
    },
    { concurrency },
  );
  return {
    ran,
    ids: () => ran.map(({ id }) => id),
    started: (id: string) => new Promise<void>((resolve) => waiting.set(id, resolve)),
    close: () => worker.close(),
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}

eachBackend("the queues", (on) => {
  let database: TestDatabase;
  let backend: Backend;
  beforeAll(async () => {
    database = await testDatabase();
    backend = await on.connect(database.url);
  });
  afterAll(async () => {
    await backend.close();
    await database.drop();
  });
  const queue = (name: QueueName = "actions") => backend.queue(name);

  it("run a job with its data", async () => {
    const worker = follow(backend, "actions");
    const started = worker.started("job_a-1");
    await enqueue(queue(), "job_a-1", { jobId: "job_a" });
    await started;
    expect(worker.ran).toEqual([{ id: "job_a-1", data: { jobId: "job_a" } }]);
    await worker.close();
  });

  it("run an id that is added twice once", async () => {
    await enqueue(queue(), "job_b-1", { jobId: "job_b" });
    await enqueue(queue(), "job_b-1", { jobId: "job_b" });
    const worker = follow(backend, "actions");
    const last = worker.started("job_b-3");
    await worker.started("job_b-1");
    await enqueue(queue(), "job_b-1", { jobId: "job_b" });
    await enqueue(queue(), "job_b-3", { jobId: "job_b" });
    await last;
    expect(worker.ids()).toEqual(["job_b-1", "job_b-3"]);
    await worker.close();
  });

  it("hold a delayed job until it is promoted", async () => {
    const parked = queue("awaiting-authorization");
    const worker = follow(backend, "awaiting-authorization");
    const [promoted, other] = [worker.started("job_c-1"), worker.started("job_c-other")];
    await enqueue(parked, "job_c-1", { jobId: "job_c" }, HOUR);
    await enqueue(parked, "job_c-other", { jobId: "job_c" });
    await other;
    expect(worker.ids()).toEqual(["job_c-other"]);
    expect(await isPending(parked, "job_c-1")).toBe(true);
    await promoteOrAdd(parked, "job_c-1", "job_c-2", { jobId: "job_c" });
    await promoted;
    expect(await isPending(parked, "job_c-2")).toBe(false);
    await worker.close();
  });

  it("run a delayed job when its time has come", async () => {
    const worker = follow(backend, "awaiting-authorization");
    const started = worker.started("job_d-1");
    const added = Date.now();
    await enqueue(queue("awaiting-authorization"), "job_d-1", { jobId: "job_d" }, 300);
    await started;
    expect(Date.now() - added).toBeGreaterThanOrEqual(295);
    await worker.close();
  });

  it("add a fresh job where the delayed one is gone", async () => {
    const parked = queue("awaiting-authorization");
    await enqueue(parked, "job_e-1", { jobId: "job_e" }, HOUR);
    await parked.remove("job_e-1");
    expect(await isPending(parked, "job_e-1")).toBe(false);
    const worker = follow(backend, "awaiting-authorization");
    const started = worker.started("job_e-2");
    await promoteOrAdd(parked, "job_e-1", "job_e-2", { jobId: "job_e" });
    await started;
    expect(worker.ran).toEqual([{ id: "job_e-2", data: { jobId: "job_e" } }]);
    await worker.close();
  });

  it("add a fresh job where the delayed one runs already, but none where it waits to run", async () => {
    const parked = queue("awaiting-authorization");
    await enqueue(parked, "job_f-1", { jobId: "job_f" }, HOUR);
    await promoteOrAdd(parked, "job_f-1", "job_f-2", { jobId: "job_f" });
    await promoteOrAdd(parked, "job_f-1", "job_f-2", { jobId: "job_f" });
    expect(await isPending(parked, "job_f-2")).toBe(false);
    let finish = () => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    const worker = follow(
      backend,
      "awaiting-authorization",
      async (job) => (job.id === "job_f-1" ? held : undefined),
      2,
    );
    const fresh = worker.started("job_f-2");
    await worker.started("job_f-1");
    await promoteOrAdd(parked, "job_f-1", "job_f-2", { jobId: "job_f" });
    await fresh;
    finish();
    await worker.close();
    expect(worker.ids()).toEqual(["job_f-1", "job_f-2"]);
  });

  it("call a job pending until it has ended", async () => {
    expect(await isPending(queue(), "job_g-1")).toBe(false);
    await enqueue(queue(), "job_g-1", { jobId: "job_g" });
    expect(await isPending(queue(), "job_g-1")).toBe(true);
    const worker = follow(backend, "actions", async () => {
      expect(await isPending(queue(), "job_g-1")).toBe(true);
    });
    await until(async () => !(await isPending(queue(), "job_g-1")));
    expect(worker.ids()).toEqual(["job_g-1"]);
    expect(await queue().getJobState("job_g-1")).toBe("completed");
    await worker.close();
  });

  it("run a job again whose worker threw, and say so", async () => {
    const warned: object[] = [];
    const own = await on.connect(database.url, { warn: (fields) => warned.push(fields) });
    const worker = follow(own, "deliveries", async (job) => {
      if (job.attemptsMade === 0) throw new Error("the database is down");
    });
    await enqueue(own.queue("deliveries"), "delivery_h-1", { deliveryId: "delivery_h" });
    await until(async () => (await own.queue("deliveries").getJobState("delivery_h-1")) === "completed");
    expect(worker.ids()).toEqual(["delivery_h-1", "delivery_h-1"]);
    expect(warned).toEqual([expect.objectContaining({ queue: "deliveries", queued: "delivery_h-1" })]);
    await own.close();
  });

  it("run a schedule again and again, set once however often it is set", async () => {
    const schedules = queue("schedules");
    for (let i = 0; i < 3; i++)
      await schedules.upsertJobScheduler("tick", { every: 150 }, { name: "tick", data: {} });
    expect(await schedules.getJobSchedulersCount()).toBe(1);
    const worker = follow(backend, "schedules");
    await until(async () => worker.ran.length >= 3);
    expect(new Set(worker.ids()).size).toBe(worker.ran.length);
    await schedules.removeJobScheduler("tick");
    await worker.close();
  });

  it("share the work between processes, each job once", async () => {
    const others = await Promise.all([on.connect(database.url), on.connect(database.url)]);
    const workers = others.map((other) => follow(other, "actions", undefined, 4));
    const ids = Array.from({ length: 100 }, (_, i) => `job_i${i}-1`);
    await Promise.all(ids.map((id) => enqueue(queue(), id, { jobId: id })));
    await until(async () => workers.flatMap((worker) => worker.ran).length >= ids.length);
    for (const other of others) await other.close();
    expect(workers.flatMap((worker) => worker.ids()).sort()).toEqual(ids.sort());
  });

  it("let a running job end before they close", async () => {
    const own = await on.connect(database.url);
    let ended = false;
    const worker = follow(own, "actions", async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      ended = true;
    });
    await Promise.all([
      worker.started("job_j-1"),
      enqueue(own.queue("actions"), "job_j-1", { jobId: "job_j" }),
    ]);
    await own.close();
    expect(ended).toBe(true);
    expect(await queue().getJobState("job_j-1")).toBe("completed");
  });
});

describe("the queue in PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await testDatabase()));
  afterAll(() => database.drop());

  const asOwner = async (sql: string, parameters: unknown[] = []) => {
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    return owner.query(sql, parameters).finally(() => owner.end());
  };

  it("is set up by any number of processes at once", async () => {
    await asOwner("DROP SCHEMA bullmq CASCADE");
    await Promise.all([1, 2, 3].map(() => migrateQueue(database.url)));
    const backend = await connectQueues({ databaseUrl: database.url, log });
    await enqueue(backend.queue("actions"), "job_k-1", { jobId: "job_k" });
    expect(await isPending(backend.queue("actions"), "job_k-1")).toBe(true);
    await backend.close();
  });

  it("goes on after its connections were cut, also beside a far delayed job", async () => {
    const backend = await connectQueues({ databaseUrl: database.url, log });
    const queue = backend.queue("deliveries");
    const worker = follow(backend, "deliveries");
    await enqueue(queue, "delivery_l-far", { deliveryId: "l" }, HOUR);
    const first = worker.started("delivery_l-1");
    await enqueue(queue, "delivery_l-1", { deliveryId: "l" });
    await first;
    const second = worker.started("delivery_l-2");
    const cut = await asOwner(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect(cut.rowCount).toBeGreaterThan(0);
    await until(() => enqueue(queue, "delivery_l-2", { deliveryId: "l" }).then(() => true));
    await second;
    await backend.close();
  });
});

describeOnRedis("a queue that is down", (redis) => {
  it.each([
    ["silent", "SIGSTOP", /timed out/],
    ["gone", "SIGKILL", /writeable|closed|max retries|ECONNRE/],
  ] as const)(
    "refuses a job when it is %s instead of hanging, and takes it when it is back",
    async (_, signal, error) => {
      const backend = await connectQueues({ redisUrl: redis().url, databaseUrl: "", log });
      const queue = backend.queue("actions");
      const worker = follow(backend, "actions");
      const id = `job_m-${signal}`;
      const started = worker.started(id);

      redis().kill(signal);
      await expect(enqueue(queue, id, { jobId: "job_m" })).rejects.toThrow(error);
      await expect(backend.ping()).rejects.toThrow(error);

      if (signal === "SIGSTOP") redis().kill("SIGCONT");
      else await redis().restart();
      await until(() => enqueue(queue, id, { jobId: "job_m" }).then(() => true));
      await started;
      await backend.ping();
      await backend.close();
    },
  );

  it("closes while it is down", async () => {
    const own = await startRedis();
    const backend = await connectQueues({ redisUrl: own.url, databaseUrl: "", log });
    follow(backend, "actions");
    await own.stop();
    await backend.close();
    await expect(backend.ping()).rejects.toThrow();
  });

  it("is refused with what to do when it does not answer, evicts, or wants a password", async () => {
    const evicting = await startRedis({ "maxmemory-policy": "allkeys-lru" });
    const connect = () => connectQueues({ redisUrl: evicting.url, databaseUrl: "", log });
    await expect(connect()).rejects.toThrow(/allkeys-lru.*CONFIG SET maxmemory-policy noeviction/);
    await evicting.stop();
    const guarded = await startRedis({ requirepass: "secret" });
    const unknown = connectQueues({ redisUrl: guarded.url, databaseUrl: "", log });
    await expect(unknown).rejects.toThrow(/NOAUTH.*REDIS_URL/);
    await guarded.stop();
    await expect(connect()).rejects.toThrow(/ECONNREFUSED.*REDIS_URL/);
  });
});

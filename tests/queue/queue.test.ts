import { type Backend, enqueue, isPending, promoteOrAdd, type QueueName } from "../../src/queue/index.ts";
import { eachBackend } from "../support/backends.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { recordJobs, until } from "../workers/follow.ts";

const HOUR = 3_600_000;

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
    const worker = recordJobs(backend, "actions");
    const started = worker.started("job_a-1");
    await enqueue(queue(), { id: "job_a-1", data: { jobId: "job_a" } });
    await started;
    expect(worker.ran).toEqual([{ id: "job_a-1", data: { jobId: "job_a" } }]);
    await worker.close();
  });

  it("run a job once when its id is added several times", async () => {
    await enqueue(queue(), { id: "job_b-1", data: { jobId: "job_b" } });
    await enqueue(queue(), { id: "job_b-1", data: { jobId: "job_b" } });
    const worker = recordJobs(backend, "actions");
    const last = worker.started("job_b-3");
    await worker.started("job_b-1");
    await enqueue(queue(), { id: "job_b-1", data: { jobId: "job_b" } });
    await enqueue(queue(), { id: "job_b-3", data: { jobId: "job_b" } });
    await last;
    expect(worker.ids()).toEqual(["job_b-1", "job_b-3"]);
    await worker.close();
  });

  it("hold a delayed job until it is promoted", async () => {
    const parked = queue("awaiting-authorization");
    const worker = recordJobs(backend, "awaiting-authorization");
    const [promoted, other] = [worker.started("job_c-1"), worker.started("job_c-other")];
    await enqueue(parked, { id: "job_c-1", data: { jobId: "job_c" } }, HOUR);
    await enqueue(parked, { id: "job_c-other", data: { jobId: "job_c" } });
    await other;
    expect(worker.ids()).toEqual(["job_c-other"]);
    expect(await isPending(parked, "job_c-1")).toBe(true);
    await promoteOrAdd(parked, "job_c-1", { id: "job_c-2", data: { jobId: "job_c" } });
    await promoted;
    expect(await isPending(parked, "job_c-2")).toBe(false);
    await worker.close();
  });

  it("run a delayed job after its delay", async () => {
    const worker = recordJobs(backend, "awaiting-authorization");
    const started = worker.started("job_d-1");
    const added = Date.now();
    await enqueue(queue("awaiting-authorization"), { id: "job_d-1", data: { jobId: "job_d" } }, 300);
    await started;
    expect(Date.now() - added).toBeGreaterThanOrEqual(295);
    await worker.close();
  });

  it("add a new job when the delayed one is gone", async () => {
    const parked = queue("awaiting-authorization");
    await enqueue(parked, { id: "job_e-1", data: { jobId: "job_e" } }, HOUR);
    await parked.remove("job_e-1");
    expect(await isPending(parked, "job_e-1")).toBe(false);
    const worker = recordJobs(backend, "awaiting-authorization");
    const started = worker.started("job_e-2");
    await promoteOrAdd(parked, "job_e-1", { id: "job_e-2", data: { jobId: "job_e" } });
    await started;
    expect(worker.ran).toEqual([{ id: "job_e-2", data: { jobId: "job_e" } }]);
    await worker.close();
  });

  it("add a new job when the delayed one is already running, but none when it is waiting", async () => {
    const parked = queue("awaiting-authorization");
    await enqueue(parked, { id: "job_f-1", data: { jobId: "job_f" } }, HOUR);
    await promoteOrAdd(parked, "job_f-1", { id: "job_f-2", data: { jobId: "job_f" } });
    await promoteOrAdd(parked, "job_f-1", { id: "job_f-2", data: { jobId: "job_f" } });
    expect(await isPending(parked, "job_f-2")).toBe(false);
    let finish = () => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    const worker = recordJobs(
      backend,
      "awaiting-authorization",
      async (job) => (job.id === "job_f-1" ? held : undefined),
      2,
    );
    const fresh = worker.started("job_f-2");
    await worker.started("job_f-1");
    await promoteOrAdd(parked, "job_f-1", { id: "job_f-2", data: { jobId: "job_f" } });
    await fresh;
    finish();
    await worker.close();
    expect(worker.ids()).toEqual(["job_f-1", "job_f-2"]);
  });

  it("report a job as pending until it has completed", async () => {
    expect(await isPending(queue(), "job_g-1")).toBe(false);
    await enqueue(queue(), { id: "job_g-1", data: { jobId: "job_g" } });
    expect(await isPending(queue(), "job_g-1")).toBe(true);
    const worker = recordJobs(backend, "actions", async () => {
      expect(await isPending(queue(), "job_g-1")).toBe(true);
    });
    await until(async () => !(await isPending(queue(), "job_g-1")));
    expect(worker.ids()).toEqual(["job_g-1"]);
    expect(await queue().getJobState("job_g-1")).toBe("completed");
    await worker.close();
  });

  it("retry a job whose processor threw, and log a warning", async () => {
    const warned: object[] = [];
    const own = await on.connect(database.url, { warn: (fields) => warned.push(fields) });
    const worker = recordJobs(own, "deliveries", async (job) => {
      if (job.attemptsMade === 0) throw new Error("the database is down");
    });
    await enqueue(own.queue("deliveries"), { id: "delivery_h-1", data: { deliveryId: "delivery_h" } });
    await until(async () => (await own.queue("deliveries").getJobState("delivery_h-1")) === "completed");
    expect(worker.ids()).toEqual(["delivery_h-1", "delivery_h-1"]);
    expect(warned).toEqual([expect.objectContaining({ queue: "deliveries", queued: "delivery_h-1" })]);
    await own.close();
  });

  it("have one scheduler when it is set several times, and run it repeatedly", async () => {
    const schedules = queue("schedules");
    for (let i = 0; i < 3; i++)
      await schedules.upsertJobScheduler("tick", { every: 150 }, { name: "tick", data: {} });
    expect(await schedules.getJobSchedulersCount()).toBe(1);
    const worker = recordJobs(backend, "schedules");
    await until(async () => worker.ran.length >= 3);
    expect(new Set(worker.ids()).size).toBe(worker.ran.length);
    await schedules.removeJobScheduler("tick");
    await worker.close();
  });

  it("share jobs between processes and run each job once", async () => {
    const others = await Promise.all([on.connect(database.url), on.connect(database.url)]);
    // Each worker holds its first jobs until the other has some too.
    let shared = () => {};
    const both = new Promise<void>((resolve) => (shared = resolve));
    const workers: ReturnType<typeof recordJobs>[] = others.map((other) =>
      recordJobs(
        other,
        "actions",
        async () => {
          if (workers.every(({ ran }) => ran.length > 0)) shared();
          await both;
        },
        4,
      ),
    );
    const ids = Array.from({ length: 100 }, (_, i) => `job_i${i}-1`);
    await Promise.all(ids.map((id) => enqueue(queue(), { id, data: { jobId: id } })));
    await until(async () => workers.flatMap((worker) => worker.ran).length >= ids.length);
    for (const other of others) await other.close();
    expect(workers.flatMap((worker) => worker.ids()).sort()).toEqual(ids.sort());
  });

  it("wait for a running job before they close", async () => {
    const own = await on.connect(database.url);
    let ended = false;
    const worker = recordJobs(own, "actions", async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      ended = true;
    });
    await Promise.all([
      worker.started("job_j-1"),
      enqueue(own.queue("actions"), { id: "job_j-1", data: { jobId: "job_j" } }),
    ]);
    await own.close();
    expect(ended).toBe(true);
    expect(await queue().getJobState("job_j-1")).toBe("completed");
  });
});

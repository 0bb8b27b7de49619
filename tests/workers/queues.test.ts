import { enqueue, isPending, promoteOrAdd } from "../../src/workers/queues.ts";
import type { Backend, QueueName } from "../../src/workers/queues.ts";
import { eachBackend } from "../support/backends.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { follow, until } from "./follow.ts";

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

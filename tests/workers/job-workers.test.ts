import type { DataSource } from "typeorm";
import { connect } from "../../src/database/data-source.ts";
import { rows } from "../../src/database/sql.ts";
import { type Backend, dispatchId, enqueue } from "../../src/queue/index.ts";
import { makeNotifier, type Notifier } from "../../src/queue/notify.ts";
import { makeJobWorkers } from "../../src/workers/job-workers.ts";
import { type TimedStep, timingsText } from "../../src/workers/timed-steps.ts";
import { eachBackend } from "../support/backends.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { aContact, theSettings } from "../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../support/pipeline.ts";
import { testRegistry } from "../support/probe-actions.ts";

const HOUR_MS = 3_600_000;

eachBackend("the job workers", (backend) => {
  let test: TestDatabase;
  let workersDb: DataSource;
  let queues: Backend;
  let notifier: Notifier;
  let pipeline: Pipeline;
  let contactId: string;
  const bugs: [error: unknown, jobId: string][] = [];
  const timings = new Map<string, TimedStep[]>();
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    queues = await backend.connect(test.url);
    notifier = makeNotifier(test.db, () => undefined);
    pipeline = makePipeline(test.db);
    ({ id: contactId } = await aContact(test.db));
    workersDb = await connect(test.url, { lockTimeoutMs: 300 });
    makeJobWorkers({
      ...{ db: workersDb, registry: testRegistry, queues, notifier },
      options: { authorizationTtlMs: HOUR_MS },
      concurrency: 2,
      onBug: (error, jobId) => bugs.push([error, jobId]),
      onError: () => undefined,
      onTimings: (jobId, steps) => timings.set(jobId, steps),
    });
  });
  afterAll(async () => {
    await queues.close();
    await notifier.close();
    await workersDb.destroy();
    await test.drop();
  });

  async function send(action: string, data: object, rest = {}): Promise<string> {
    const id = await pipeline.submit(agent, action, data, rest);
    await enqueue(queues.queue("actions"), { id: dispatchId(id, 1), data: { jobId: id } });
    return id;
  }
  const becomes = (id: string, status: string) =>
    eventually(async () => expect(await pipeline.job(id)).toMatchObject({ status }));

  it("complete a job and report its steps in order, each with its duration", async () => {
    const id = await send("probe.note", { id: contactId, notes: "n" });
    await becomes(id, "completed");
    const steps = await eventually(() => timings.get(id) ?? Promise.reject(new Error("not reported yet")));
    expect(steps.map(({ step }) => step)).toEqual(["claim", "judge", "handler", "commit"]);
    for (const { ms } of steps) expect(ms).toBeGreaterThanOrEqual(0);
    expect(timingsText(steps)).toMatch(
      /^claim [\d.]+ ms → judge [\d.]+ ms → handler [\d.]+ ms → commit [\d.]+ ms$/,
    );
  });

  it("fail a job whose handler throws an unexpected error, without a retry and without the error's message", async () => {
    const id = await send("probe.stumble", { id: contactId, notes: "n", over: "bug" });
    await becomes(id, "failed");
    expect((await pipeline.job(id)).error).toMatchObject({ code: "internal" });
    expect(JSON.stringify((await pipeline.job(id)).error)).not.toContain("a bug");
    expect(bugs.map(([, jobId]) => jobId)).toEqual([id]);
    expect(await pipeline.changes(await pipeline.job(id))).toEqual([]);
    await eventually(async () =>
      expect(await queues.queue("actions").getJobState(dispatchId(id, 1))).toBe("failed"),
    );
  });

  it("leave a job open after a lock timeout, and complete it on retry", async () => {
    const holder = test.db.createQueryRunner();
    await holder.startTransaction();
    await holder.query("SELECT FROM contact WHERE id = $1 FOR UPDATE", [contactId]);
    const before = bugs.length;
    const id = await send("probe.note", { id: contactId, notes: "later" });
    const queued = async () => (await queues.queue("actions").getJob(dispatchId(id, 1)))?.attemptsMade;
    await eventually(async () => expect(await queued()).toBe(1)); // After the lock timeout.
    expect((await pipeline.job(id)).finished_at).toBeNull();
    await holder.commitTransaction();
    await holder.release();
    await becomes(id, "completed");
    expect(bugs).toHaveLength(before);
  });

  it("set a timer at a parked job's expiry, and a new one when it ran early", async () => {
    const id = await send("probe.swear", { id: contactId, notes: "n" }, { reasoning: "They asked." });
    await becomes(id, "authorization_required");
    const awaiting = queues.queue("awaiting-authorization");
    const timerOf = (dispatch: number) =>
      eventually(async () => {
        const timer = await awaiting.getJob(dispatchId(id, dispatch));
        if (!timer) throw new Error("it has no timer yet");
        expect(timer.delay).toBeGreaterThan(HOUR_MS - 120_000);
        expect(timer.delay).toBeLessThanOrEqual(HOUR_MS);
        return timer;
      });
    const { dispatches } = await pipeline.job(id);
    const first = await timerOf(dispatches);
    // A job gets a new timer at most once a second: as if a second had passed.
    const sql = "UPDATE job SET dispatched_at = dispatched_at - interval '1 second' WHERE id = $1";
    await rows(test.db.manager, sql, [id]);
    await first.promote();
    await timerOf(dispatches + 1);
    expect(await pipeline.job(id)).toMatchObject({ status: "authorization_required" });
    expect((await pipeline.answer(await pipeline.job(id), {}, owner)).status).toBe("completed");
  });
});

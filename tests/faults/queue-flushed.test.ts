import { rows } from "../../src/database/sql.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { eachBackend } from "../support/backends.ts";
import { makeLoggingClient, allCompletedOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { flushQueue } from "../support/flush-queue.ts";
import { startApp, type TestApp, SHORT_SILENCE } from "../support/app.ts";
import { askToDelete } from "../support/parked.ts";

const PARKED = 6;

eachBackend("a queue flushed under load", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", ...SHORT_SILENCE };
    app = await startApp(backend, { services: ["api,mcp", "worker"], env });
  });
  afterAll(() => app.stop());

  const open = async () =>
    (await rows(app.db.manager, "SELECT FROM job WHERE status IN ('queued', 'running')")).length;

  it("loses no accepted job, and parked jobs can still be decided and run once", async () => {
    const owner = await app.owner();
    const parked = await askToDelete(app, PARKED);
    const client = makeLoggingClient(app);
    const [, worker] = app.processes;

    // Stop the worker, so that the jobs are still in the queue at the flush.
    worker?.child.kill("SIGSTOP");
    await client.submit(120, 20);
    expect(await open()).toBeGreaterThanOrEqual(100);
    const load = client.submit(120, 4);
    await flushQueue(backend, app.databaseUrl);
    worker?.child.kill("SIGCONT");
    await flushQueue(backend, app.databaseUrl);
    await load;

    const [first, second, ...others] = parked;
    const denied = await owner.decide(second?.queue_id ?? "", { decision: "denied" });
    expect(denied.status).toBe(200);
    const allowed = [first, ...others];
    const decided = await Promise.all(
      allowed.map((job) => owner.decide(job?.queue_id ?? "", { decision: "authorized" })),
    );
    expect(decided.map(({ status }) => status)).toEqual(allowed.map(() => 200));

    await eventually(
      async () => expect(await client.outcome()).toEqual(allCompletedOnce(client.accepted)),
      60_000,
    );
    const ends = async (job?: JobView) =>
      (await app.agent("GET", `/api/jobs/${job?.job_id}?wait=20`)).body.data.status;
    expect(await Promise.all(allowed.map(ends))).toEqual(allowed.map(() => "completed"));
    expect(await ends(second)).toBe("denied");
    const deletes = await rows<{ job_id: string }>(
      app.db.manager,
      "SELECT job_id FROM change WHERE table_name = 'contact' AND operation = 'delete' ORDER BY job_id",
    );
    expect(deletes.map(({ job_id }) => job_id)).toEqual(allowed.map((job) => job?.job_id).sort());
  }, 120_000);

  it("gets its timers and schedules back", async () => {
    const [job] = await askToDelete(app, 1);
    await flushQueue(backend, app.databaseUrl);
    const queues = await backend.connect(app.databaseUrl);
    try {
      await eventually(async () => {
        const timers = await queues.queue("awaiting-authorization").getDelayed();
        expect(timers.map(({ data }) => data)).toEqual([{ jobId: job?.job_id }]);
        expect(await queues.queue("schedules").getJobScheduler("housekeeping")).toBeDefined();
      });
    } finally {
      await queues.close();
    }
  });
});

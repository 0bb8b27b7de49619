import { UnrecoverableError } from "bullmq";
import { type Backend, dispatchId, enqueue } from "../../src/queue/index.ts";
import { eachBackend } from "../support/backends.ts";
import { makeLoggingClient, allCompletedOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { startApp, type TestApp } from "../support/app.ts";

eachBackend("a job that the queue holds more than once", (backend) => {
  let app: TestApp;
  let queues: Backend;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000" };
    app = await startApp(backend, { services: ["api,mcp"], env });
    queues = await backend.connect(app.databaseUrl);
  });
  afterAll(async () => {
    await queues.close();
    await app.stop();
  });

  const again = (jobId: string, dispatch: number) =>
    enqueue(queues.queue("actions"), { id: dispatchId(jobId, dispatch), data: { jobId } });
  const drained = () =>
    eventually(async () => {
      const { waiting, active } = await queues.queue("actions").getJobCounts("waiting", "active");
      expect({ waiting, active }).toEqual({ waiting: 0, active: 0 });
    });

  it("runs once, also when its id has failed in the queue and was added again", async () => {
    const failed = makeLoggingClient(app);
    const failing = queues.worker(
      "actions",
      () => Promise.reject(new UnrecoverableError("failed by the test")),
      { concurrency: 8 },
    );
    await failed.submit(20, 20);
    await eventually(async () => expect(await queues.queue("actions").getFailedCount()).toBe(20));
    await failing.close();
    await Promise.all(failed.accepted.map(({ jobId }) => again(jobId, 1)));

    // All copies are queued before two workers start.
    const client = makeLoggingClient(app);
    await client.submit(200, 10, async ({ jobId }) => {
      await Promise.all([1, 2, 3].map((nth) => again(jobId, nth)));
    });
    await Promise.all([app.spawn("worker"), app.spawn("worker")]);
    for (const each of [client, failed])
      await eventually(
        async () => expect(await each.outcome()).toEqual(allCompletedOnce(each.accepted)),
        60_000,
      );
    await drained();
    expect(await client.outcome()).toEqual(allCompletedOnce(client.accepted));
    expect(await failed.outcome()).toEqual(allCompletedOnce(failed.accepted));
  }, 120_000);
});

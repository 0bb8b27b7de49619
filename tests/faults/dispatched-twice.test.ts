import { UnrecoverableError } from "bullmq";
import { dispatchId } from "../../src/workers/dispatcher.ts";
import { type Backend, enqueue } from "../../src/workers/queues.ts";
import { eachBackend } from "../support/backends.ts";
import { aClient, allOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { aHouse, type House } from "../support/house.ts";

eachBackend("a job that the queue holds more than once", (backend) => {
  let house: House;
  let queues: Backend;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000" };
    house = await aHouse(backend, { services: ["api,mcp"], env });
    queues = await backend.connect(house.databaseUrl);
  });
  afterAll(async () => {
    await queues.close();
    await house.stop();
  });

  const again = (jobId: string, dispatch: number) =>
    enqueue(queues.queue("actions"), dispatchId(jobId, dispatch), { jobId });
  const drained = () =>
    eventually(async () => {
      const { waiting, active } = await queues.queue("actions").getJobCounts("waiting", "active");
      expect({ waiting, active }).toEqual({ waiting: 0, active: 0 });
    });

  it("happens once, also where its id failed in the queue and was added again", async () => {
    const failed = aClient(house);
    const failing = queues.worker(
      "actions",
      () => Promise.reject(new UnrecoverableError("failed by the test")),
      { concurrency: 8 },
    );
    await failed.submit(20, 20);
    await eventually(async () => expect(await queues.queue("actions").getFailedCount()).toBe(20));
    await failing.close();
    await Promise.all(failed.accepted.map(({ jobId }) => again(jobId, 1)));

    // All copies wait side by side before two workers take them.
    const client = aClient(house);
    await client.submit(200, 10, async ({ jobId }) => {
      await Promise.all([1, 2, 3].map((nth) => again(jobId, nth)));
    });
    await Promise.all([house.spawn("worker"), house.spawn("worker")]);
    for (const each of [client, failed])
      await eventually(async () => expect(await each.verdict()).toEqual(allOnce(each.accepted)), 60_000);
    await drained();
    expect(await client.verdict()).toEqual(allOnce(client.accepted));
    expect(await failed.verdict()).toEqual(allOnce(failed.accepted));
  }, 120_000);
});

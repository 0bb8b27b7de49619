import { makeWaiters, stateOf, type Waiters } from "../../src/crm/waiters.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { CHANNEL, makeNotifier, type Notifier } from "../../src/queue/notify.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { theSettings } from "../support/factories.ts";
import { asOwner } from "../support/flush-queue.ts";
import { agent, makePipeline } from "../support/pipeline.ts";

/** Longer than any test. */
const LATER_MS = 600_000;

describe("a waiter", () => {
  let test: TestDatabase;
  let waiters: Waiters;
  let notifier: Notifier;
  const missed: number[] = [];
  const notified: string[] = [];
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    waiters = makeWaiters(test.db, test.url, () => undefined);
    notifier = makeNotifier(test.db, () => undefined);
    waiters.subscribe({
      notified: (ids) => notified.push(...ids),
      missed: () => missed.push(1),
      dismissed: () => undefined,
    });
    await eventually(() => expect(missed).toHaveLength(1)); // It listens.
  });
  afterAll(async () => {
    await notifier.close();
    await waiters.close();
    await test.drop();
  });

  const later = () => performance.now() + LATER_MS;
  const isWoken = async (woken: Promise<void>) =>
    Promise.race([
      woken.then(() => true),
      new Promise<false>((resolve) => setImmediate(() => resolve(false))),
    ]);
  it("is woken by a notification for its job, and by no other", async () => {
    const [mine, other] = [newId("job"), newId("job")];
    const waiter = waiters.join(mine, later());
    notifier.publish(other);
    await eventually(() => expect(notified).toContain(other));
    expect(await isWoken(waiter.woken)).toBe(false);
    notifier.publish(mine);
    await waiter.woken;
  });

  it("is woken at its deadline without a notification", async () => {
    await waiters.join(newId("job"), performance.now() + 20).woken;
  });

  it("is woken by the poll when its notification was lost", async () => {
    const pipeline = makePipeline(test.db);
    const id = await pipeline.submit(agent, "contact.create", { name: "Maria" });
    const waiter = waiters.join(id, later());
    waiter.saw(stateOf("queued", null));
    await pipeline.run(id); // Nobody publishes it.
    await waiter.woken;
  });

  it("is woken when the connection that listens was cut and is back", async () => {
    const waiter = waiters.join(newId("job"), later());
    await asOwner(
      test.url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query = 'LISTEN ${CHANNEL}'`,
    );
    await waiter.woken;
    expect(missed).toHaveLength(2);
    const again = waiters.join("job_again", later());
    notifier.publish("job_again");
    await again.woken;
  });

  it("counts until it is woken or leaves, and is woken by a process that stops", async () => {
    expect(waiters.count()).toBe(0);
    const [one, two] = [waiters.join("job_1", later()), waiters.join("job_2", later())];
    expect(waiters.count()).toBe(2);
    one.leave();
    expect(waiters.count()).toBe(1);
    waiters.dismiss();
    await two.woken;
    expect([waiters.count(), waiters.dismissed()]).toEqual([0, true]);
  });
});

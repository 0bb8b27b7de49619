import { eachBackend } from "../support/backends.ts";
import { makeChance } from "../support/chaos.ts";
import { makeLoggingClient, allCompletedOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { WORKER_CONCURRENCY, spawnStopping, type Step, stopTogether } from "../support/stopping.ts";

const STEPS: Step[] = ["fetched", "row locked", "effect done", "before commit", "after commit"];
/** More jobs than one worker can hold, so that every worker reaches its step. */
const PER_STEP = 20;
/** One kill per step; more for a long run. */
const KILLS = Number(process.env["FAULT_KILLS"] ?? 1);
const RECOVERY_MS = 30_000;

eachBackend("a worker killed at each step", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", WORKER_SILENCE: "5s" };
    app = await startApp(backend, { services: ["api,mcp"], env });
  });
  afterAll(() => app.stop());

  it(
    "loses no job: another worker completes every job exactly once",
    async () => {
      const chance = makeChance(`workers killed on ${backend.kind}`);
      for (let kill = 0; kill < KILLS; kill++) {
        const client = makeLoggingClient(app);
        const dying = await Promise.all(
          STEPS.map((step) => spawnStopping(app, "worker", { step, nth: chance(1, WORKER_CONCURRENCY) })),
        );
        await client.submit(STEPS.length * PER_STEP, PER_STEP);
        await stopTogether(dying, "SIGKILL");

        const healthy = await app.spawn("worker");
        await eventually(
          async () => expect(await client.outcome()).toEqual(allCompletedOnce(client.accepted)),
          RECOVERY_MS,
        );
        await healthy.end("SIGKILL");
      }
    },
    120_000 * KILLS,
  );
});

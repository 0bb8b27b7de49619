import { rows } from "../../src/database/sql.ts";
import { eachBackend } from "../support/backends.ts";
import { makeChance } from "../support/chaos.ts";
import { type Accepted, makeLoggingClient, allCompletedOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { startApp, type TestApp, SHORT_SILENCE } from "../support/app.ts";
import { WORKER_CONCURRENCY, spawnStopping, type Step, stopTogether } from "../support/stopping.ts";

const STEPS: Step[] = ["row locked", "effect done"];
/** More jobs than one worker can hold, so that every worker reaches its step. */
const PER_STEP = 20;

eachBackend("a worker frozen longer than its lock", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", ...SHORT_SILENCE };
    app = await startApp(backend, { services: ["api,mcp"], env });
  });
  afterAll(() => app.stop());

  const jobsAndChanges = async (accepted: readonly Accepted[]) =>
    rows(
      app.db.manager,
      `SELECT to_jsonb(j) AS job, (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.id) FROM change c WHERE c.job_id = j.id)
       FROM job j WHERE j.id = ANY($1) ORDER BY j.id`,
      [accepted.map(({ jobId }) => jobId)],
    );

  it("loses its jobs to another worker, changes nothing when it resumes, and then runs new jobs", async () => {
    const chance = makeChance(`workers frozen on ${backend.kind}`);
    const client = makeLoggingClient(app);
    const frozen = await Promise.all(
      STEPS.map((step) =>
        spawnStopping(app, "worker", {
          step,
          nth: chance(WORKER_CONCURRENCY / 2, WORKER_CONCURRENCY),
        }),
      ),
    );
    await client.submit(STEPS.length * PER_STEP, PER_STEP);
    await stopTogether(frozen, "SIGSTOP");

    // The frozen workers hold row locks: PostgreSQL ends their idle transactions, the queue gives their jobs to another.
    const healthy = await app.spawn("worker");
    await eventually(
      async () => expect(await client.outcome()).toEqual(allCompletedOnce(client.accepted)),
      60_000,
    );
    const before = await jobsAndChanges(client.accepted);
    await healthy.end("SIGTERM");

    for (const each of frozen) each.child.kill("SIGCONT");
    const late = makeLoggingClient(app);
    await late.submit(PER_STEP, PER_STEP);
    await eventually(
      async () => expect(await late.outcome()).toEqual(allCompletedOnce(late.accepted)),
      60_000,
    );
    expect(await jobsAndChanges(client.accepted)).toEqual(before);
    expect(await client.outcome()).toEqual(allCompletedOnce(client.accepted));
  }, 180_000);
});

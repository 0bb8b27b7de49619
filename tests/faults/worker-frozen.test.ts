import { rows } from "../../src/entities/database.ts";
import { eachBackend } from "../support/backends.ts";
import { makeChance } from "../support/chaos.ts";
import { type Accepted, aClient, allOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { aHouse, type House, SHORT_SILENCE } from "../support/house.ts";
import { AT_ONCE, spawnStopping, type Step, stopped } from "../support/stopping.ts";

const STEPS: Step[] = ["row locked", "effect done"];
/** More than one worker can hold, so that each of them comes to its step. */
const PER_STEP = 20;

eachBackend("a worker frozen longer than its lock", (backend) => {
  let house: House;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", ...SHORT_SILENCE };
    house = await aHouse(backend, { services: ["api,mcp"], env });
  });
  afterAll(() => house.stop());

  const jobsAndChanges = async (accepted: readonly Accepted[]) =>
    rows(
      house.db.manager,
      `SELECT to_jsonb(j) AS job, (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.id) FROM change c WHERE c.job_id = j.id)
       FROM job j WHERE j.id = ANY($1) ORDER BY j.id`,
      [accepted.map(({ jobId }) => jobId)],
    );

  it("holds up nobody, changes nothing once it goes on, and works again", async () => {
    const chance = makeChance(`workers frozen on ${backend.kind}`);
    const client = aClient(house);
    const frozen = await Promise.all(
      STEPS.map((step) =>
        spawnStopping(house, "worker", { step, signal: "SIGSTOP", nth: chance(AT_ONCE / 2, AT_ONCE) }),
      ),
    );
    await client.submit(STEPS.length * PER_STEP, PER_STEP);
    await Promise.all(frozen.map(stopped));

    // They hold locks on rows, and sleep: the database takes those away, the queue hands their jobs to another worker.
    const healthy = await house.spawn("worker");
    await eventually(async () => expect(await client.verdict()).toEqual(allOnce(client.accepted)), 60_000);
    const before = await jobsAndChanges(client.accepted);
    await healthy.end("SIGTERM");

    for (const each of frozen) each.child.kill("SIGCONT");
    const late = aClient(house);
    await late.submit(PER_STEP, PER_STEP);
    await eventually(async () => expect(await late.verdict()).toEqual(allOnce(late.accepted)), 60_000);
    expect(await jobsAndChanges(client.accepted)).toEqual(before);
    expect(await client.verdict()).toEqual(allOnce(client.accepted));
  }, 180_000);
});

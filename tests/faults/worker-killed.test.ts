import { eachBackend } from "../support/backends.ts";
import { makeChance } from "../support/chaos.ts";
import { aClient, allOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { aHouse, type House } from "../support/house.ts";
import { AT_ONCE, spawnStopping, type Step, stopped } from "../support/stopping.ts";

const STEPS: Step[] = ["fetched", "row locked", "effect done", "before commit", "after commit"];
/** More than one worker can hold, so that each of them comes to its step. */
const PER_STEP = 20;
/** One kill per step; more for a long run. */
const KILLS = Number(process.env["FAULT_KILLS"] ?? 1);
const RECOVERY_MS = 30_000;

eachBackend("a worker killed at each step", (backend) => {
  let house: House;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000" };
    house = await aHouse(backend, { services: ["api,mcp"], env });
  });
  afterAll(() => house.stop());

  it(
    "loses nothing and does nothing twice: another worker carries every job on",
    async () => {
      const chance = makeChance(`workers killed on ${backend.kind}`);
      for (let kill = 0; kill < KILLS; kill++) {
        const client = aClient(house);
        const dying = await Promise.all(
          STEPS.map((step) =>
            spawnStopping(house, "worker", { step, signal: "SIGKILL", nth: chance(1, AT_ONCE) }),
          ),
        );
        await client.submit(STEPS.length * PER_STEP, PER_STEP);
        await Promise.all(dying.map(stopped));

        const healthy = await house.spawn("worker");
        await eventually(
          async () => expect(await client.verdict()).toEqual(allOnce(client.accepted)),
          RECOVERY_MS,
        );
        await healthy.end("SIGKILL");
      }
    },
    120_000 * KILLS,
  );
});

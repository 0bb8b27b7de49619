import { setTimeout as sleep } from "node:timers/promises";
import type { House } from "../tests/support/house.ts";
import { call, drive, type Load } from "./load.ts";
import { asker, type Job } from "./pipeline.ts";
import { idlePercent } from "./processes.ts";
import type { Sizes } from "./run.ts";

export interface Parking {
  /** A delete of a customer with history: asked → a person's question written, and the caller told. */
  park: Load;
  /** One decision after another while the rest stay parked: decided → done, and who waits for it told. */
  decide_one: Load;
  /** 16 people decide. */
  decide_many: Load;
  /** Of one core; API and worker together, nobody asking anything. */
  idle_percent: { none_parked: number | null; all_parked: number | null };
}

/** The relay looks at everything that is parked once in this time, and finds nothing to do. */
const RELAY_MS = 5_000;

/** Parks deletes, looks at what it costs that they wait, and lets a person decide. */
export async function parking(house: House, contacts: readonly string[], sizes: Sizes): Promise<Parking> {
  const pids = house.processes.map(({ child }) => child.pid ?? 0);
  const none = await idlePercent(pids, sizes.idleSeconds);
  const ask = asker(house);
  const parked: Job[] = [];
  const park = await drive(16, sizes.parked, async (nth) => {
    const job = await ask("delete", { id: contacts[nth] });
    if (job?.status === "authorization_required") parked.push(job);
    return job?.status === "authorization_required";
  });
  await sleep(RELAY_MS);
  const all = await idlePercent(pids, sizes.idleSeconds);
  const owner = await house.owner();
  const decide = async () => {
    const job = parked.shift();
    if (!job?.queue_id) return false;
    const told = call("GET", `${house.url}/api/jobs/${job.job_id}?wait=20`, undefined, {
      authorization: `Bearer ${house.token}`,
    });
    await owner.decide(job.queue_id, { decision: "authorized" });
    const { data } = JSON.parse((await told).text) as { data?: Job };
    return data?.status === "completed";
  };
  return {
    park,
    decide_one: await drive(1, sizes.decided / 10, decide),
    decide_many: await drive(16, sizes.decided, decide),
    idle_percent: { none_parked: none, all_parked: all },
  };
}

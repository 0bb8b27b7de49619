import { setTimeout as sleep } from "node:timers/promises";
import type { TestApp } from "../tests/support/app.ts";
import { call, drive, type Load } from "./load.ts";
import { submitter, type Job } from "./pipeline.ts";
import { idlePercent } from "./processes.ts";
import type { Sizes } from "./run.ts";

export interface Parking {
  /** From the request to delete a customer with history until the caller knows that it needs a decision. */
  park: Load;
  /** Sequential decisions while the other jobs stay parked: from the decision until the waiting caller has the result. */
  decide_one: Load;
  /** 16 people decide. */
  decide_many: Load;
  /** CPU use of the idle API and worker together, in percent of one core. */
  idle_percent: { none_parked: number | null; all_parked: number | null };
}

/** The relay looks at everything that is parked once in this time, and finds nothing to do. */
const RELAY_MS = 5_000;

/** Parks deletes, looks at what it costs that they wait, and lets a person decide. */
export async function parking(app: TestApp, contacts: readonly string[], sizes: Sizes): Promise<Parking> {
  const pids = app.processes.map(({ child }) => child.pid ?? 0);
  const none = await idlePercent(pids, sizes.idleSeconds);
  const ask = submitter(app);
  const parked: Job[] = [];
  const park = await drive(16, sizes.parked, async (nth) => {
    const job = await ask("delete", { id: contacts[nth] });
    if (job?.status === "authorization_required") parked.push(job);
    return job?.status === "authorization_required";
  });
  await sleep(RELAY_MS);
  const all = await idlePercent(pids, sizes.idleSeconds);
  const owner = await app.owner();
  const decide = async () => {
    const job = parked.shift();
    if (!job?.queue_id) return false;
    const finished = call("GET", `${app.url}/api/jobs/${job.job_id}?wait=20`, {
      headers: { authorization: `Bearer ${app.token}` },
    });
    await owner.decide(job.queue_id, { decision: "authorized" });
    const { data } = JSON.parse((await finished).text) as { data?: Job };
    return data?.status === "completed";
  };
  return {
    park,
    decide_one: await drive(1, sizes.decided / 10, decide),
    decide_many: await drive(16, sizes.decided, decide),
    idle_percent: { none_parked: none, all_parked: all },
  };
}

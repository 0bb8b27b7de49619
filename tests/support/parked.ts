import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { TestApp } from "./app.ts";

/** Creates customers with a ticket each and requests their deletion; resolves with the parked jobs. */
export async function askToDelete(app: TestApp, count: number): Promise<JobView[]> {
  const one = async (_: unknown, index: number): Promise<JobView> => {
    const created = await app.act("contact", "create", { name: `Leaving customer ${index}` });
    const { id } = created.result as { id: string };
    await app.act("ticket", "create", { customer_id: id });
    const job = await app.act("contact", "delete", { id }, { reasoning: "They moved out of state." });
    if (job.status !== "authorization_required") throw new Error(`it is ${job.status}: ${job.message}`);
    return job;
  };
  return Promise.all(Array.from({ length: count }, one));
}

import type { JobView } from "../../src/domain/core/ports.ts";
import type { House } from "./house.ts";

/** Customers with a visit each, whose deletion an agent has asked for and a person has to allow. */
export async function askToDelete(house: House, count: number): Promise<JobView[]> {
  const one = async (_: unknown, index: number): Promise<JobView> => {
    const created = await house.act("contact", "create", { name: `Leaving customer ${index}` });
    const { id } = created.result as { id: string };
    await house.act("ticket", "create", { customer_id: id });
    const job = await house.act("contact", "delete", { id }, { reasoning: "They moved out of state." });
    if (job.status !== "authorization_required") throw new Error(`it is ${job.status}: ${job.message}`);
    return job;
  };
  return Promise.all(Array.from({ length: count }, one));
}

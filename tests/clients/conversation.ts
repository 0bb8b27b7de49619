import type { TestApp, Session } from "../support/app.ts";
import { johnsons } from "../support/johnsons.ts";

/** Calls a tool with a third-party client and returns its structured data; throws if the tool refuses. */
export type Ask = (tool: string, input: Record<string, unknown>) => Promise<unknown>;

/** The guide's conversation: find, request, a person decides while the model waits, completed. */
export async function deleteTheJohnsons(house: TestApp, owner: Session, ask: Ask): Promise<void> {
  const customer = await johnsons(house.db);
  const found = async () => {
    const { items } = (await ask("crm_query", { type: "contacts", search: "Johnson" })) as {
      items: { id: string }[];
    };
    return items.map(({ id }) => id);
  };
  expect(await ask("crm_capabilities", { domain: "contact" })).toMatchObject({
    domains: [
      { domain: "contact", actions: expect.arrayContaining([expect.objectContaining({ name: "delete" })]) },
    ],
  });
  expect(await found()).toContain(customer);

  const job = (await ask("crm_action", {
    domain: "contact",
    action: "delete",
    data: { id: customer },
    reasoning: "User requested. Johnsons confirmed moved out of state.",
  })) as { job_id: string; queue_id: string };
  expect(job).toMatchObject({
    status: "authorization_required",
    job_id: expect.stringMatching(/^job_/),
    queue_id: expect.stringMatching(/^auth_/),
    reason: "Customer has 15 tickets worth $4,500",
  });
  const [news, decided] = await Promise.all([
    ask("job_status", { queue_id: job.queue_id, wait_seconds: 20 }),
    owner.decide(job.queue_id, { decision: "authorized" }),
  ]);
  expect(decided.status).toBe(200);
  expect(news).toMatchObject({ status: "completed", job_id: job.job_id, result: { id: customer } });
  expect(await found()).not.toContain(customer);
}

import type { AuthorizationView, JobView, RuleView, List } from "../../src/domain/core/ports.ts";
import { eachBackend } from "../support/backends.ts";
import { aHouse, type House, type Session } from "../support/house.ts";

/** The Johnsons of the guide: 15 completed tickets worth $4,500. */
async function johnsons(house: House): Promise<string> {
  const { result } = await house.act("contact", "create", { name: "Johnson Family" });
  const { id } = result as { id: string };
  for (let visit = 0; visit < 15; visit++) await aCompletedVisit(house, id);
  return id;
}

async function aCompletedVisit(house: House, customer_id: string): Promise<void> {
  const line_items = [{ description: "Window cleaning", unit_price_cents: 30_000 }];
  const { result } = await house.act("ticket", "create", { customer_id, line_items });
  const { id } = result as { id: string };
  await house.act("ticket", "start", { id });
  await house.act("ticket", "complete", { id });
}

eachBackend("a risky request", (backend) => {
  let house: House;
  let owner: Session;
  let customer: string;

  beforeAll(async () => {
    house = await aHouse(backend);
    owner = await house.owner();
  });
  afterAll(() => house.stop());
  beforeEach(async () => {
    customer = await johnsons(house);
  });

  const askToDelete = (id = customer) =>
    house.act("contact", "delete", { id }, { reasoning: "User confirmed Johnsons moved out of state." });
  const exists = async (id: string) => (await house.agent("GET", `/api/contacts/${id}`)).status === 200;
  const finished = async (id: string) =>
    (await house.agent<JobView>("GET", `/api/jobs/${id}?wait=20`)).body.data;

  it("waits for a person and says why, in the guide's words", async () => {
    const job = await askToDelete();
    expect(job).toMatchObject({
      status: "authorization_required",
      reason: "Customer has 15 tickets worth $4,500",
      queue_id: job.authorization?.queue_id,
      authorization: { status: "pending", approval_url: `${house.url}/authorizations/${job.queue_id}` },
    });
    expect(await exists(customer)).toBe(true);
  });

  it("happens once a person allows it; a second decision hears who was first", async () => {
    const job = await askToDelete();
    const allowed = await owner.decide(job.queue_id ?? "", { decision: "authorized" });
    expect(allowed).toMatchObject({
      status: 200,
      body: { data: { status: "authorized", decided_by: "Owner" } },
    });
    expect(await finished(job.job_id)).toMatchObject({ status: "completed", result: { id: customer } });
    expect(await exists(customer)).toBe(false);

    const again = await owner.decide(job.queue_id ?? "", { decision: "denied" });
    expect(again).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", winner: { status: "authorized", decided_by: "Owner" } } },
    });
  });

  it("does not happen where a person says no; the note reaches the model", async () => {
    const job = await askToDelete();
    await owner.decide(job.queue_id ?? "", { decision: "denied", notes: "They only moved across town." });
    expect(await finished(job.job_id)).toMatchObject({
      status: "denied",
      authorization: { status: "denied", note: "They only moved across town." },
    });
    expect(await exists(customer)).toBe(true);
  });

  it("runs at once after Allow Always, until that is revoked", async () => {
    const job = await askToDelete();
    await owner.decide(job.queue_id ?? "", { decision: "authorized", upgrade_permission: true });
    expect(await finished(job.job_id)).toMatchObject({ status: "completed" });
    const second = await johnsons(house);
    expect(await askToDelete(second)).toMatchObject({ status: "completed" });

    const { body } = await owner.call<List<RuleView>>("GET", "/api/rules");
    expect(body.data.items).toMatchObject([{ action: "contact.delete", agent: "Office manager", uses: 1 }]);
    await owner.call("DELETE", `/api/rules/${body.data.items[0]?.id}`);
    expect(await askToDelete(await johnsons(house))).toMatchObject({ status: "authorization_required" });
  });

  it("asks again where a ticket arrived between the request and the click", async () => {
    const job = await askToDelete();
    await aCompletedVisit(house, customer);
    await owner.decide(job.queue_id ?? "", { decision: "authorized" });
    const { body } = await house.agent<JobView>("GET", `/api/jobs/${job.job_id}?wait=20`);
    expect(body.data).toMatchObject({
      status: "authorization_required",
      reason: "Customer has 16 tickets worth $4,800",
    });
    expect(await exists(customer)).toBe(true);

    const view = async (id?: string) =>
      (await owner.call<AuthorizationView>("GET", `/api/authorizations/${id}`)).body.data;
    expect(await view(job.queue_id)).toMatchObject({
      status: "superseded",
      superseded_by: body.data.queue_id,
    });
    const { moved } = await view(body.data.queue_id);
    expect(moved).toContainEqual({ what: "fact", name: "tickets", before: 15, after: 16 });
    expect(moved).toContainEqual({
      what: "change",
      name: expect.stringMatching(/^Ticket #\d+$/),
      before: null,
      after: { record: "ticket", operation: "delete" },
    });
  });

  it("is taken back by the agent that asked", async () => {
    const job = await askToDelete();
    const withdrawn = await house.agent("POST", `/api/jobs/${job.job_id}/withdraw`);
    expect(withdrawn.body.data).toMatchObject({ status: "withdrawn" });
    expect((await owner.decide(job.queue_id ?? "", { decision: "authorized" })).status).toBe(409);
  });

  it("is one question where the agent repeats itself", async () => {
    const [first, second] = [await askToDelete(), await askToDelete()];
    expect(second.job_id).toBe(first.job_id);
  });
});

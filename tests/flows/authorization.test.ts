import type { RuleView } from "../../src/domain/engine/authorization/rules.ts";
import type { AuthorizationView } from "../../src/domain/engine/authorization/view.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { List } from "../../src/domain/query/list.ts";
import { anyBackend } from "../support/backends.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";

/** The Johnsons of the guide: 15 completed tickets worth $4,500. */
async function johnsons(app: TestApp): Promise<string> {
  const { result } = await app.act("contact", "create", { name: "Johnson Family" });
  const { id } = result as { id: string };
  for (let visit = 0; visit < 15; visit++) await aCompletedVisit(app, id);
  return id;
}

async function aCompletedVisit(app: TestApp, customer_id: string): Promise<void> {
  const line_items = [{ description: "Window cleaning", unit_price_cents: 30_000 }];
  const { result } = await app.act("ticket", "create", { customer_id, line_items });
  const { id } = result as { id: string };
  await app.act("ticket", "start", { id });
  await app.act("ticket", "complete", { id });
}

anyBackend("a risky request", (backend) => {
  let app: TestApp;
  let owner: Session;
  let customer: string;

  beforeAll(async () => {
    app = await startApp(backend);
    owner = await app.owner();
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    customer = await johnsons(app);
  });

  const askToDelete = (id = customer) =>
    app.act("contact", "delete", { id }, { reasoning: "User confirmed Johnsons moved out of state." });
  const exists = async (id: string) => (await app.agent("GET", `/api/contacts/${id}`)).status === 200;
  const aCustomer = async () =>
    ((await app.act("contact", "create", { name: "Six more" })).result as { id: string }).id;
  const finished = async (id: string) =>
    (await app.agent<JobView>("GET", `/api/jobs/${id}?wait=20`)).body.data;

  it("is parked with the reason from the guide", async () => {
    const job = await askToDelete();
    expect(job).toMatchObject({
      status: "authorization_required",
      reason: "Customer has 15 tickets worth $4,500",
      queue_id: job.authorization?.queue_id,
      authorization: { status: "pending", approval_url: `${app.url}/authorizations/${job.queue_id}` },
    });
    expect(await exists(customer)).toBe(true);
  });

  it("runs when a person allows it; a second decision gets 409 with the winner", async () => {
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

  it("does not run when a person denies it; the agent reads the note", async () => {
    const job = await askToDelete();
    await owner.decide(job.queue_id ?? "", { decision: "denied", notes: "They only moved across town." });
    expect(await finished(job.job_id)).toMatchObject({
      status: "denied",
      authorization: { status: "denied", note: "They only moved across town." },
    });
    expect(await exists(customer)).toBe(true);
  });

  it("runs at once after Allow Always, until the rule is revoked", async () => {
    const job = await askToDelete();
    await owner.decide(job.queue_id ?? "", { decision: "authorized", upgrade_permission: true });
    expect(await finished(job.job_id)).toMatchObject({ status: "completed" });
    const second = await johnsons(app);
    expect(await askToDelete(second)).toMatchObject({ status: "completed" });

    const { body } = await owner.call<List<RuleView>>("GET", "/api/rules");
    expect(body.data.items).toMatchObject([{ action: "contact.delete", agent: "Office manager", uses: 1 }]);
    await owner.call("DELETE", `/api/rules/${body.data.items[0]?.id}`);
    expect(await askToDelete(await johnsons(app))).toMatchObject({ status: "authorization_required" });
  });

  it("is parked again with the difference when a ticket was added before the decision", async () => {
    const job = await askToDelete();
    await aCompletedVisit(app, customer);
    await owner.decide(job.queue_id ?? "", { decision: "authorized" });
    const { body } = await app.agent<JobView>("GET", `/api/jobs/${job.job_id}?wait=20`);
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

  it("runs as a person edited it; whoever waits for the job reads at once who changed what", async () => {
    const six = [customer];
    while (six.length < 6) six.push(await aCustomer());
    const why = { reasoning: "They all moved away." };
    const job = await app.act("contact", "bulk_delete", { ids: six }, why);
    const waiting = finished(job.job_id);
    const ids = six.slice(0, 2);
    const edited = await owner.call<AuthorizationView>("POST", `/api/authorizations/${job.queue_id}/edit`, {
      data: { ids },
    });
    const { id } = edited.body.data;
    expect(edited).toMatchObject({ status: 200, body: { data: { status: "pending", data: { ids } } } });
    expect(await waiting).toMatchObject({
      status: "authorization_required",
      queue_id: id,
      authorization: { edited: { by: "Owner", fields: ["ids"], before: { ids: six }, after: { ids } } },
      message: expect.stringContaining("Owner changed what you asked for"),
    });
    expect(await owner.decide(job.queue_id ?? "", { decision: "authorized" })).toMatchObject({
      status: 409,
      body: { error: { winner: { status: "superseded", edited_by: "Owner" } } },
    });
    await owner.decide(id, { decision: "authorized" });
    expect(await finished(job.job_id)).toMatchObject({
      status: "completed",
      result: { count: 2 },
      authorization: { queue_id: id, edited: { by: "Owner" } },
    });
    expect(await Promise.all(six.map(exists))).toEqual([false, false, true, true, true, true]);
  });

  it("can be withdrawn by the agent that requested it", async () => {
    const job = await askToDelete();
    const withdrawn = await app.agent("POST", `/api/jobs/${job.job_id}/withdraw`);
    expect(withdrawn.body.data).toMatchObject({ status: "withdrawn" });
    expect((await owner.decide(job.queue_id ?? "", { decision: "authorized" })).status).toBe(409);
  });

  it("returns the same job when the agent repeats it", async () => {
    const [first, second] = [await askToDelete(), await askToDelete()];
    expect(second.job_id).toBe(first.job_id);
  });
});

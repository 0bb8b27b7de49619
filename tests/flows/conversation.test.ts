import { anyBackend } from "../support/backends.ts";
import { rounds } from "../support/form.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { johnsons } from "../support/johnsons.ts";
import { everyClient, placeOf, type TestClient } from "../support/mcp-clients.ts";
import { untilCallersWait } from "../support/waiting-callers.ts";

const REASONING = "User requested. Johnsons confirmed moved out of state.";

anyBackend('"Delete the Johnson account."', (backend) => {
  let app: TestApp;
  let owner: Session;
  beforeAll(async () => {
    app = await startApp(backend);
    owner = await app.owner();
  });
  afterAll(() => app.stop());

  /** All in the long form, one over HTTP and one over stdio in the short one. */
  const clients = everyClient.filter((_, at) => at % rounds(3, 1) === 0);
  describe.each(clients)("said through %s", (_name, connect) => {
    let model: TestClient;
    beforeAll(async () => void (model = await connect(placeOf(app))));
    afterAll(() => model.close());

    /** The structured result of a tool; throws on a tool error. */
    async function ask(tool: string, input: Record<string, unknown> = {}): Promise<unknown> {
      const { isError, text, structured } = await model.call(tool, input);
      if (isError) throw new Error(text);
      expect(JSON.parse(text)).toEqual(structured);
      return structured;
    }
    const find = async (search: string) => {
      const { items } = (await ask("crm_query", { type: "contacts", search })) as { items: { id: string }[] };
      return items.map(({ id }) => id);
    };
    const remove = async (id: string) =>
      (await ask("crm_action", {
        domain: "contact",
        action: "delete",
        data: { id },
        reasoning: REASONING,
      })) as { job_id: string; queue_id: string };

    it("finds the customer, parks the deletion, and completes it when a person allows it", async () => {
      const customer = await johnsons(app.db);
      const { domains } = (await ask("crm_capabilities", { domain: "contact" })) as {
        domains: { domain: string; actions: { name: string }[] }[];
      };
      expect(domains).toMatchObject([{ domain: "contact" }]);
      expect(domains[0]?.actions.find(({ name }) => name === "delete")).toMatchObject({
        permission: "unrestricted",
        raised_when: expect.stringContaining("requires_authorization"),
        parameters: { type: "object", required: ["id"] },
      });
      expect(await find("Johnson")).toContain(customer);

      const job = await remove(customer);
      expect(job).toMatchObject({
        status: "authorization_required",
        queue_id: expect.stringMatching(/^auth_/),
        reason: "Customer has 15 tickets worth $4,500",
        message: expect.stringMatching(/^Queued for your authorization\./),
        authorization: { approval_url: `${app.url}/authorizations/${job.queue_id}` },
      });
      const waiting = { status: "authorization_required", job_id: job.job_id, queue_id: job.queue_id };
      expect(await ask("job_status", { job_id: job.job_id })).toMatchObject(waiting);
      expect(await ask("job_status", { queue_id: job.queue_id })).toMatchObject(waiting);

      const asked = await owner.call("GET", `/api/authorizations/${job.queue_id}`);
      expect(asked.body.data).toMatchObject({
        requested_by: { kind: "agent", name: "Office manager" },
        reasoning: REASONING,
        title: "Delete customer: Johnson Family",
      });
      const [news, decided] = await Promise.all([
        ask("job_status", { queue_id: job.queue_id, wait_seconds: 20 }),
        untilCallersWait(app, 1).then(() => owner.decide(job.queue_id, { decision: "authorized" })),
      ]);
      expect(decided.status).toBe(200);
      const done = { status: "completed", job_id: job.job_id, result: { id: customer } };
      expect(news).toMatchObject(done);
      expect(news).not.toHaveProperty("error"); // Over MCP nulls are left out.
      expect(await ask("job_status", { job_id: job.job_id, wait_seconds: 20 })).toMatchObject(done);
      expect(await find("Johnson")).not.toContain(customer);
    });

    it("returns the note of a denial, by job id and by queue id", async () => {
      const customer = await johnsons(app.db, "Jansen Family");
      const job = await remove(customer);
      const note = "They only moved across town.";
      const [news] = await Promise.all([
        ask("job_status", { job_id: job.job_id, wait_seconds: 20 }),
        untilCallersWait(app, 1).then(() => owner.decide(job.queue_id, { decision: "denied", notes: note })),
      ]);
      const denied = { status: "denied", job_id: job.job_id, authorization: { status: "denied", note } };
      expect(news).toMatchObject(denied);
      expect(await ask("job_status", { queue_id: job.queue_id })).toMatchObject(denied);
      expect(await find("Jansen")).toContain(customer);
    });
  });
});

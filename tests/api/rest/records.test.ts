import { newId } from "../../../src/domain/core/ids.ts";
import { createAgentToken } from "../../../src/identity/tokens.ts";
import { aContact, aTicket } from "../../support/factories.ts";
import { type TestApi, startApi } from "../test-app.ts";

let api: TestApi;
let contactId: string;
beforeAll(async () => {
  api = await startApi();
  const contact = await aContact(api.db, { name: "Johnson Family" });
  contactId = contact.id;
  await aTicket(api.db, { customer_id: contact.id, status: "completed" });
  await aTicket(api.db, { customer_id: contact.id });
  await aTicket(api.db);
});
afterAll(() => api.close());

const dataOf = async (path: string) => (await api.asAgent(path)).json.data;

describe("reading by URL", () => {
  it("returns the same as the query by body", async () => {
    const body = {
      type: "tickets",
      filters: { customer_id: contactId, status: "completed" },
      include: ["customer"],
      limit: 5,
    };
    const byBody = await api.asAgent("/api/query", { method: "POST", body });
    const byUrl = await dataOf(
      `/api/tickets?customer_id=${contactId}&status=completed&include=customer&limit=5`,
    );
    expect(byUrl).toEqual(byBody.json.data);
    expect(byUrl).toMatchObject({
      items: [{ customer: { name: "Johnson Family" } }],
      next_cursor: null,
      total: 1,
    });
  });

  it("accepts a comma-separated list, and rejects it when one value is unknown", async () => {
    const open = await dataOf(`/api/tickets?customer_id=${contactId}&status=unscheduled,completed`);
    const all = await dataOf(`/api/tickets?customer_id=${contactId}&status=cancelled,completed`);
    expect([open?.total, all?.total]).toEqual([2, 1]);
    expect((await api.asAgent("/api/tickets?status=completed,late")).json.error?.fields).toEqual([
      { path: "filters.status", message: expect.stringContaining("must be one of") as string },
    ]);
  });

  it("supports search, selected fields and pagination", async () => {
    expect(await dataOf("/api/contacts?search=johnson&fields=name")).toMatchObject({
      items: [{ id: contactId, name: "Johnson Family" }],
    });
    const first = await dataOf("/api/tickets?limit=2");
    const rest = await dataOf(
      `/api/tickets?limit=2&cursor=${encodeURIComponent(String(first?.next_cursor))}`,
    );
    expect(rest).toMatchObject({ items: [expect.anything()], next_cursor: null });
  });

  it("returns one record by id, and 404 for an unknown id", async () => {
    expect(await dataOf(`/api/contacts/${contactId}`)).toMatchObject({ item: { id: contactId } });
    const included = await dataOf(`/api/contacts/${contactId}?include=tickets,addresses`);
    expect(included?.item).toMatchObject({ tickets: [{}, {}] });
    expect((await api.asAgent(`/api/contacts/${newId("contact")}`)).status).toBe(404);
  });
});

describe("capabilities", () => {
  it("list every domain, or one action with its schema and example", async () => {
    const all = await dataOf("/api/capabilities");
    expect(all).toMatchObject({ version: "1.0" });
    const one = await dataOf("/api/capabilities?domain=contact&action=create");
    expect(one).toMatchObject({
      domains: [{ domain: "contact", actions: [{ name: "create", parameters: { type: "object" } }] }],
    });
    expect((await api.asAgent("/api/capabilities?domain=contcat")).status).toBe(400);
  });
});

describe("actions", () => {
  const create = (name: string, headers: Record<string, string>) =>
    api.asAgent("/api/actions", {
      method: "POST",
      headers,
      body: { domain: "contact", action: "create", data: { name } },
    });

  it("return 202 while the job is open, 200 once it has ended, and the same job for the same key", async () => {
    // The worker cannot insert the contact before the 202 has been seen.
    const queued = await withLockedTable("contact", () =>
      create("Rosa Diaz", { "idempotency-key": "rosa 1" }),
    );
    expect(queued.status).toBe(202);
    const again = await create("Rosa Diaz", {
      "idempotency-key": "rosa 1",
      prefer: "respond-async, wait=20",
    });
    expect(again.status).toBe(200);
    expect(again.headers["preference-applied"]).toBe("wait=20");
    expect(again.json.data).toMatchObject({ job_id: queued.json.data?.job_id, status: "completed" });
    const other = await create("Someone Else", { "idempotency-key": "rosa 1" });
    expect([other.status, other.json.error?.code]).toEqual([409, "idempotency_conflict"]);
  });

  async function withLockedTable<T>(table: string, work: () => Promise<T>): Promise<T> {
    const lock = api.db.createQueryRunner();
    await lock.startTransaction();
    try {
      await lock.query(`LOCK TABLE ${table} IN SHARE MODE`);
      return await work();
    } finally {
      await lock.rollbackTransaction();
      await lock.release();
    }
  }

  it("can be listed, read and withdrawn as jobs by the agent that submitted them, but not with another token", async () => {
    const contact = await aContact(api.db);
    await aTicket(api.db, { customer_id: contact.id, status: "completed" });
    const parked = await api.asAgent("/api/actions", {
      method: "POST",
      headers: { prefer: "wait=20" },
      body: { domain: "contact", action: "delete", data: { id: contact.id } },
    });
    expect([parked.status, parked.json.data?.status]).toEqual([202, "authorization_required"]);
    const { job_id } = parked.json.data ?? {};
    expect(await dataOf("/api/jobs?status=authorization_required&action=contact.delete")).toMatchObject({
      items: [{ job_id }],
      total: 1,
    });
    const headers = { authorization: `Bearer ${(await createAgentToken(api.db, "Other")).token}` };
    expect((await api.ask(`/api/jobs/${job_id}`, { headers })).status).toBe(404);
    expect((await api.ask(`/api/jobs/${job_id}/withdraw`, { method: "POST", headers })).status).toBe(404);
    const gone = await api.asAgent(`/api/jobs/${job_id}/withdraw`, { method: "POST" });
    expect([gone.status, gone.json.data?.status]).toEqual([200, "withdrawn"]);
  });
});

describe("tools", () => {
  it("can be listed and called like over MCP", async () => {
    const list = (await api.asAgent("/api/tools")).json.data;
    expect(list).toEqual(expect.arrayContaining([expect.objectContaining({ name: "crm_query" })]));
    const answer = await api.asAgent("/api/tools/crm_query", {
      method: "POST",
      body: { type: "contacts", id: contactId },
    });
    expect(answer.json).toMatchObject({ success: true, data: { item: { id: contactId } } });
    const unknown = await api.asAgent("/api/tools/crm_approve", { method: "POST", body: {} });
    expect(unknown.json.success).toBe(false);
  });
});

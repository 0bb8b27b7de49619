import { newId } from "../../src/domain/core/ids.ts";
import { createAgentToken } from "../../src/api/accounts.ts";
import { aContact, aTicket } from "../support/factories.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";

let door: FrontDoor;
let contactId: string;
beforeAll(async () => {
  door = await openFrontDoor();
  const contact = await aContact(door.db, { name: "Johnson Family" });
  contactId = contact.id;
  await aTicket(door.db, { customer_id: contact.id, status: "completed" });
  await aTicket(door.db, { customer_id: contact.id });
  await aTicket(door.db);
});
afterAll(() => door.close());

const dataOf = async (path: string) => (await door.asAgent(path)).json.data;

describe("reading by URL", () => {
  it("is the same as by body", async () => {
    const body = {
      type: "tickets",
      filters: { customer_id: contactId, status: "completed" },
      include: ["customer"],
      limit: 5,
    };
    const byBody = await door.asAgent("/api/query", { method: "POST", body });
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

  it("takes a list with commas, and refuses it where one of its names is none", async () => {
    const open = await dataOf(`/api/tickets?customer_id=${contactId}&status=unscheduled,completed`);
    const all = await dataOf(`/api/tickets?customer_id=${contactId}&status=cancelled,completed`);
    expect([open?.total, all?.total]).toEqual([2, 1]);
    expect((await door.asAgent("/api/tickets?status=completed,late")).json.error?.fields).toEqual([
      { path: "filters.status", message: expect.stringContaining("must be one of") as string },
    ]);
  });

  it("searches, trims and pages", async () => {
    expect(await dataOf("/api/contacts?search=johnson&fields=name")).toMatchObject({
      items: [{ id: contactId, name: "Johnson Family" }],
    });
    const first = await dataOf("/api/tickets?limit=2");
    const rest = await dataOf(
      `/api/tickets?limit=2&cursor=${encodeURIComponent(String(first?.next_cursor))}`,
    );
    expect(rest).toMatchObject({ items: [expect.anything()], next_cursor: null });
  });

  it("gives one by its id, and 404 for one that is not", async () => {
    expect(await dataOf(`/api/contacts/${contactId}`)).toMatchObject({ item: { id: contactId } });
    const included = await dataOf(`/api/contacts/${contactId}?include=tickets,addresses`);
    expect(included?.item).toMatchObject({ tickets: [{}, {}] });
    expect((await door.asAgent(`/api/contacts/${newId("contact")}`)).status).toBe(404);
  });
});

describe("capabilities", () => {
  it("list every domain, or one, with schema and example", async () => {
    const all = await dataOf("/api/capabilities");
    expect(all).toMatchObject({ version: "1.0" });
    const one = await dataOf("/api/capabilities?domain=contact&action=create");
    expect(one).toMatchObject({
      domains: [{ domain: "contact", actions: [{ name: "create", parameters: { type: "object" } }] }],
    });
    expect((await door.asAgent("/api/capabilities?domain=contcat")).status).toBe(400);
  });
});

describe("actions", () => {
  const create = (name: string, headers: Record<string, string>) =>
    door.asAgent("/api/actions", {
      method: "POST",
      headers,
      body: { domain: "contact", action: "create", data: { name } },
    });

  it("answer 202 at once, 200 when they have ended, and the same job for the same key", async () => {
    const queued = await create("Rosa Diaz", { "idempotency-key": "rosa 1" });
    expect(queued.status).toBe(202);
    const again = await create("Rosa Diaz", {
      "idempotency-key": "rosa 1",
      prefer: "respond-async, wait=20",
    });
    expect(again.status).toBe(200);
    expect(again.headers["preference-applied"]).toBe("wait=20");
    expect(again.json.data).toMatchObject({ job_id: queued.json.data?.job_id, status: "completed" });
    const other = await create("Somebody else", { "idempotency-key": "rosa 1" });
    expect([other.status, other.json.error?.code]).toEqual([409, "idempotency_conflict"]);
  });

  it("are listed, read and withdrawn as jobs by who asked for them, and by nobody else's token", async () => {
    const contact = await aContact(door.db);
    await aTicket(door.db, { customer_id: contact.id, status: "completed" });
    const parked = await door.asAgent("/api/actions", {
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
    const headers = { authorization: `Bearer ${(await createAgentToken(door.db, "Other")).token}` };
    expect((await door.ask(`/api/jobs/${job_id}`, { headers })).status).toBe(404);
    expect((await door.ask(`/api/jobs/${job_id}/withdraw`, { method: "POST", headers })).status).toBe(404);
    const gone = await door.asAgent(`/api/jobs/${job_id}/withdraw`, { method: "POST" });
    expect([gone.status, gone.json.data?.status]).toEqual([200, "withdrawn"]);
  });
});

describe("tools", () => {
  it("are listed and called as over MCP", async () => {
    const list = (await door.asAgent("/api/tools")).json.data;
    expect(list).toEqual(expect.arrayContaining([expect.objectContaining({ name: "crm_query" })]));
    const answer = await door.asAgent("/api/tools/crm_query", {
      method: "POST",
      body: { type: "contacts", id: contactId },
    });
    expect(answer.json).toMatchObject({ success: true, data: { item: { id: contactId } } });
    const unknown = await door.asAgent("/api/tools/crm_approve", { method: "POST", body: {} });
    expect(unknown.json.success).toBe(false);
  });
});

import { newId } from "../../../src/domain/core/ids.ts";
import { aContact, aTicket } from "../../support/factories.ts";
import { type Browser, FORM, form, type TestApi, startApi } from "../test-app.ts";

let api: TestApi;
let owner: Browser;
beforeAll(async () => {
  api = await startApi();
  owner = await api.signIn();
});
afterAll(() => api.close());

const asOwner = (path: string) => api.asPerson(owner, path);
const act = (name: string, data: object) =>
  api.asAgent("/api/actions", {
    method: "POST",
    headers: { prefer: "wait=20" },
    body: { domain: "contact", action: name, data, reasoning: "The customer called." },
  });

describe("GET /api/audit", () => {
  it("returns to owner and office an agent's changes with the values before and after, and its refused requests", async () => {
    const { id } = await aContact(api.db, { name: "Maria" });
    const done = await act("update", { id, name: "Maria Garcia" });
    await api.asAgent("/api/rules");
    for (const person of [owner, await api.aUser("office")]) {
      const { status, json } = await api.asPerson(person, "/api/audit?limit=2&actor=Office%20manager");
      expect(status).toBe(200);
      expect(json.data?.items).toMatchObject([
        { kind: "refused", route: "GET /api/rules", actor: { key: `agent:${api.agent.id}` } },
        {
          kind: "job",
          job_id: done.json.data?.job_id,
          action: "contact.update",
          reasoning: "The customer called.",
          allowed_by: { words: "the agent's own level" },
          changes: [{ id, before: { name: "Maria" }, after: { name: "Maria Garcia" } }],
        },
      ]);
    }
  });

  it("returns a record's history page by page", async () => {
    const { id } = await aContact(api.db);
    for (const name of ["One", "Two"]) await act("update", { id, name });
    const first = await asOwner(`/api/audit?entity=${id}&limit=2`);
    expect(first.json.data).toMatchObject({
      total: 3,
      items: [{ changes: [{ after: { name: "Two" } }] }, { changes: [{ after: { name: "One" } }] }],
    });
    const cursor = String(first.json.data?.next_cursor);
    const last = await asOwner(`/api/audit?entity=${id}&limit=2&cursor=${cursor}`);
    expect(last.json.data).toMatchObject({
      next_cursor: null,
      items: [{ changes: [{ operation: "insert" }] }],
    });
  });

  it("returns one job with the person who allowed it", async () => {
    const { customer_id } = await aTicket(api.db);
    const parked = await act("delete", { id: customer_id });
    const { queue_id, job_id } = parked.json.data ?? {};
    await api.asPerson(owner, `/api/authorizations/${queue_id}`, {
      method: "POST",
      body: { decision: "authorized", notes: "They moved." },
    });
    await asOwner(`/api/jobs/${job_id}?wait=20`);
    const { json } = await asOwner(`/api/audit?job=${job_id}`);
    expect(json.data).toMatchObject({
      total: 1,
      items: [
        {
          allowed_by: { by: "person", words: `Olive Owner, Allow Once, ${queue_id}` },
          authorizations: [{ id: queue_id, decided_by: "Olive Owner", note: "They moved." }],
        },
      ],
    });
  });

  it.each([
    ["user=1", "user"],
    ["job=1", "job"],
    ["entity=Johnson", "entity"],
    ["entity=", "entity"],
    ["actor=Nobody+at+all", "actor"],
    ["limit=101", "limit"],
    ["cursor=x", "cursor"],
    ["entity=a&entity=b", "entity"],
  ])("rejects ?%s with the field", async (query, field) => {
    const { status, json } = await asOwner(`/api/audit?${query}`);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: "validation_failed", fields: [{ path: field }] });
  });

  it("rejects agents and technicians, and then lists their attempts", async () => {
    const technician = await api.aUser("technician");
    for (const path of ["/api/audit", "/audit"]) {
      expect((await api.asAgent(path)).status).toBe(403);
      expect((await api.asPerson(technician, path)).status).toBe(403);
    }
    expect((await api.ask("/api/audit")).status).toBe(401);
    const { json } = await asOwner("/api/audit?limit=5");
    expect(json.data?.items).toMatchObject([
      { kind: "refused", actor: { kind: "anonymous" }, route: "GET /api/audit" },
      { kind: "refused", actor: { kind: "technician" }, route: "GET /audit" },
      { kind: "refused", actor: { kind: "agent", name: "Office manager" }, route: "GET /audit" },
      { kind: "refused", actor: { kind: "technician" }, route: "GET /api/audit" },
      { kind: "refused", actor: { kind: "agent" }, route: "GET /api/audit" },
    ]);
  });

  it("rejects other methods", async () => {
    expect((await api.asPerson(owner, "/api/audit", { method: "DELETE" })).status).toBe(405);
  });
});

describe("the console", () => {
  it("shows the audit of a record, linked from the job that changed it", async () => {
    const { id } = await aContact(api.db);
    const done = await act("update", { id, name: "Eve <b>Adams</b>" });
    const job = await asOwner(`/jobs/${String(done.json.data?.job_id)}`);
    expect(job.text).toContain(`href="/audit?entity=${id}"`);
    const page = await asOwner(`/audit?entity=${id}&actor=&job=`);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Eve &lt;b>Adams&lt;/b>");
  });

  it("undoes a job only with the session's CSRF token", async () => {
    const { id } = await aContact(api.db, { name: "Before" });
    const done = await act("update", { id, name: "After" });
    const path = `/jobs/${String(done.json.data?.job_id)}/undo`;
    const send = (_csrf: string) =>
      api.ask(path, { method: "POST", headers: { cookie: owner.cookie, ...FORM }, body: form({ _csrf }) });
    expect((await send("wrong")).status).toBe(403);
    const answer = await send(owner.csrf);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toMatch(/^\/jobs\/job_/);
    const undone = await asOwner(String(answer.headers.location));
    expect(undone.text).toContain("job.undo");
    expect((await asOwner(`/api/contacts/${id}`)).json.data).toMatchObject({ item: { name: "Before" } });
  });

  it("rejects an undo with an agent's token", async () => {
    const path = `/jobs/${newId("job")}/undo`;
    expect((await api.asAgent(path, { method: "POST" })).status).toBe(403);
  });
});

import { createAgentToken } from "../../../src/identity/tokens.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { queueNames } from "../../../src/queue/index.ts";
import type { RefusedEntry } from "../../../src/domain/engine/audit/entry.ts";
import { aContact, aTicket } from "../../support/factories.ts";
import { type TestApi, startApi } from "../test-app.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

describe("an agent's token", () => {
  const auth = newId("auth");
  const rule = newId("rule");
  const forbidden = [
    "/api/audit",
    "/api/rules",
    `/api/rules/${rule}`,
    "/api/settings",
    "/api/tokens",
    "/api/users",
    "/api/session",
    "/login",
    "/logout",
    "/admin/queues",
    "/admin/queues/api/queues/actions/1-1/promote",
    "/settings",
    "/rules",
    "/audit",
    "/authorizations",
    `/authorizations/${auth}/decision`,
  ];
  const decision = [`/api/authorizations/${auth}`, "/api/authorizations"];
  const attempts = [
    ...forbidden.flatMap((path) => METHODS.map((method) => ({ method, path }))),
    ...decision.flatMap((path) =>
      METHODS.filter((method) => !["GET", "HEAD"].includes(method)).map((method) => ({ method, path })),
    ),
  ];

  it("is rejected on every decision, rule, settings, token, login and board route with every method, and each attempt is stored", async () => {
    const stored = await api.refusedDuring(async () => {
      for (const { method, path } of attempts) {
        const body = method === "POST" ? { decision: "authorized" } : undefined;
        const answer = await api.asAgent(path, { method, body });
        expect({ method, path, status: answer.status }).toEqual({ method, path, status: 403 });
        if (method !== "HEAD") expect(answer.json.error).toMatchObject({ code: "forbidden" });
        if (method !== "HEAD") expect(answer.json.error?.hint).toContain("approval_url");
      }
    });
    const methods = stored.map(({ route }) => route.split(" ")[0]);
    expect(methods.sort()).toEqual(attempts.map(({ method }) => method).sort());
    for (const id of [auth, rule]) expect(JSON.stringify(stored)).not.toContain(id);
    expect(new Set(stored.map(({ principal }) => principal))).toEqual(new Set([`agent:${api.agent.id}`]));
    expect(stored.every(({ ip, reason }) => ip !== null && reason !== "")).toBe(true);
    expect(api.decided).toEqual([]);
  });

  it.each([
    ["an empty segment", "POST", `/api//authorizations/${auth}`],
    ["an empty segment first", "POST", `//api/authorizations/${auth}`],
    ["capitals", "POST", `/API/Authorizations/${auth}`],
    ["a trailing slash", "POST", `/api/authorizations/${auth}/`],
    ["a dot segment", "DELETE", `/api/./rules/${rule}`],
    ["a parent segment", "DELETE", `/api/contacts/../rules/${rule}`],
    ["an encoded parent segment", "DELETE", `/api/contacts/%2e%2e/rules/${rule}`],
    ["an encoded slash", "DELETE", `/api%2Frules/${rule}`],
    ["encoded slashes and parent segments", "POST", `/api/authorizations/${auth}%2f..%2f..%2fcontacts`],
    ["a backslash", "DELETE", `/api\\rules\\${rule}`],
    ["an encoded letter", "DELETE", `/api/%72ules/${rule}`],
    ["a matrix parameter", "DELETE", `/api/rules;x=1/${rule}`],
    ["a query", "POST", `/api/authorizations/${auth}?_method=GET`],
    ["a whole URL", "POST", `http://localhost/api/authorizations/${auth}`],
  ])("cannot bypass the guard with %s", async (_what, method, path) => {
    const stored = await api.refusedDuring(async () => {
      const answer = await api.asAgent(path, { method, body: { decision: "authorized" } });
      expect(answer.status).toBe(403);
    });
    expect(stored).toHaveLength(1);
    expect(api.decided).toEqual([]);
  });

  it("cannot bypass the guard with a method override", async () => {
    for (const name of ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]) {
      const read = await api.asAgent(`/api/authorizations/${auth}?_method=POST`, {
        headers: { [name]: "POST" },
      });
      expect(read.json.error?.code).toBe("not_found");
      const write = await api.asAgent(`/api/authorizations/${auth}`, {
        method: "POST",
        headers: { [name]: "GET" },
      });
      expect(write.status).toBe(403);
    }
    expect(api.decided).toEqual([]);
  });

  it("is not upgraded to a person by a session cookie", async () => {
    const owner = await api.signIn();
    const answer = await api.asPerson(owner, "/api/rules", {
      headers: { authorization: `Bearer ${api.agent.token}` },
    });
    expect(answer.status).toBe(403);
    const unknown = await api.asPerson(owner, "/api/rules", {
      headers: { authorization: "Basic b3duZXI6eA==" },
    });
    expect(unknown.status).toBe(401);
  });

  it("may list the authorizations of its own jobs", async () => {
    expect((await api.asAgent("/api/authorizations?status=pending")).json.data).toMatchObject({
      items: [],
      total: 0,
    });
  });
});

describe("signed-in people", () => {
  it("can decide: a parked request runs once the owner allows it, and a second decision returns 409", async () => {
    const contact = await aContact(api.db, { name: "Johnson Family" });
    await aTicket(api.db, { customer_id: contact.id, status: "completed" });
    const parked = await api.asAgent("/api/actions", {
      method: "POST",
      headers: { prefer: "wait=20" },
      body: { domain: "contact", action: "delete", data: { id: contact.id }, reasoning: "They moved away." },
    });
    expect(parked.status).toBe(202);
    expect((await api.asPerson(await api.signIn(), "/nothing")).text).toMatch(/aria-label="\d+ pending"/);
    const { queue_id, job_id } = parked.json.data ?? {};
    const owner = await api.signIn();
    const seen = await api.asPerson(owner, `/api/authorizations/${queue_id}`);
    const decision = { decision: "authorized", view_hash: seen.json.data?.view_hash, notes: "Go ahead." };
    const post = { method: "POST", body: decision };
    expect((await api.asPerson(owner, `/api/authorizations/${queue_id}`, post)).status).toBe(200);
    const job = await api.asAgent(`/api/jobs/${job_id}?wait=20`);
    expect(job.json.data).toMatchObject({ status: "completed" });
    const again = await api.asPerson(owner, `/api/authorizations/${queue_id}`, post);
    expect(again.status).toBe(409);
    expect(again.json.error).toMatchObject({ code: "conflict", winner: expect.anything() });
  });

  it("have no access as technicians, except to their session", async () => {
    const technician = await api.aUser("technician");
    for (const path of ["/authorizations", "/api/contacts", "/api/rules", "/admin/queues", "/jobs"])
      expect((await api.asPerson(technician, path)).status).toBe(403);
    expect((await api.asPerson(technician, "/api/session")).status).toBe(200);
  });

  it("see the queue board only as owner, and cannot change anything there", async () => {
    const office = await api.aUser("office");
    const owner = await api.signIn();
    expect((await api.asPerson(office, "/admin/queues")).status).toBe(403);
    expect((await api.asPerson(owner, "/admin/queues")).status).toBe(200);
    const queues = await api.asPerson(owner, "/admin/queues/api/queues");
    expect(
      JSON.parse(queues.text).queues.map((queue: { readOnlyMode: boolean }) => queue.readOnlyMode),
    ).toEqual(queueNames.map(() => true));
    const promote = "/admin/queues/api/queues/awaiting-authorization/promote";
    const stored = await api.refusedDuring(async () => {
      expect((await api.asPerson(owner, promote, { method: "PUT" })).status).toBe(403);
    });
    expect(stored).toHaveLength(1);
    expect((await api.ask("/admin/queues")).headers.location).toBe("/login?next=%2Fadmin%2Fqueues");
  });
});

describe("refused attempts", () => {
  it("of one caller are counted in one row per route, reason and minute, whatever words they bring", async () => {
    const stored = await api.refusedDuring(async () => {
      for (let n = 0; n < 20; n++)
        await api.ask("/api/rules", { method: "POST", headers: { host: `evil-${n}.example` } });
    });
    expect(stored).toHaveLength(20);
    const ids = new Set(stored.map(({ id }) => id));
    expect(ids.size).toBeLessThanOrEqual(2); // Two if the minute ended meanwhile.
    const owner = await api.signIn();
    const { json } = await api.asPerson(owner, "/api/audit?limit=50");
    const entries = (json.data?.items as RefusedEntry[]).filter(({ event_id }) => ids.has(event_id));
    expect(entries.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(20);
    const page = await api.asPerson(owner, "/audit");
    expect(page.text).toMatch(/\(\d+ attempts in one minute\)/);
  });
});

describe("an anonymous caller", () => {
  it("gets 401 on the API, and an attempt on a route for people is stored", async () => {
    const stored = await api.refusedDuring(async () => {
      expect((await api.ask("/api/contacts")).json.error?.code).toBe("unauthenticated"); // Not counted.
      expect((await api.ask("/api/contacts")).headers["www-authenticate"]).toBe("Bearer");
      expect((await api.ask("/api/rules")).status).toBe(401);
      const post = { method: "POST", body: { decision: "authorized" } };
      expect((await api.ask(`/api/authorizations/${newId("auth")}`, post)).status).toBe(401);
      expect((await api.ask(`/authorizations/${newId("auth")}/decision`, post)).status).toBe(401);
    });
    expect(stored.map(({ principal }) => principal)).toEqual(["anonymous", "anonymous", "anonymous"]);
  });

  it("is redirected from a page to the sign-in form", async () => {
    const answer = await api.ask("/authorizations?status=denied");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/login?next=%2Fauthorizations%3Fstatus%3Ddenied");
  });

  it("gets 401 with an unknown or revoked token", async () => {
    const token = `cs_${"a".repeat(43)}`;
    for (const path of ["/api/contacts", "/mcp", "/api/rules"])
      expect((await api.ask(path, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    const made = await createAgentToken(api.db, "Soon gone");
    const headers = { authorization: `Bearer ${made.token}` };
    expect((await api.ask("/api/contacts", { headers })).status).toBe(200);
    await api.db.query("UPDATE api_token SET revoked_at = now() WHERE id = $1", [made.id]);
    expect((await api.ask("/api/contacts", { headers })).status).toBe(401);
  });

  it("gets 401 from MCP with a session: that endpoint is for tokens", async () => {
    const owner = await api.signIn();
    expect((await api.asPerson(owner, "/mcp", { method: "POST", body: {} })).status).toBe(401);
  });
});

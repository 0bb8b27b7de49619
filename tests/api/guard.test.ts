import { createAgentToken } from "../../src/api/accounts.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { aContact, aTicket } from "../support/factories.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

describe("an agent's token", () => {
  const auth = newId("auth");
  const rule = newId("rule");
  const rooms = [
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
  const tries = [
    ...rooms.flatMap((path) => METHODS.map((method) => ({ method, path }))),
    ...decision.flatMap((path) =>
      METHODS.filter((method) => !["GET", "HEAD"].includes(method)).map((method) => ({ method, path })),
    ),
  ];

  it("is refused on every decision, rule, settings, token, login and board route, by every method, and each try is kept", async () => {
    const before = (await door.events()).length;
    for (const { method, path } of tries) {
      const body = method === "POST" ? { decision: "authorized" } : undefined;
      const answer = await door.asAgent(path, { method, body });
      expect({ method, path, status: answer.status }).toEqual({ method, path, status: 403 });
      if (method !== "HEAD") expect(answer.json.error).toMatchObject({ code: "forbidden" });
      if (method !== "HEAD") expect(answer.json.error?.hint).toContain("approval_url");
    }
    const kept = (await door.events()).slice(before);
    expect(kept.map(({ route }) => route)).toEqual(tries.map(({ method, path }) => `${method} ${path}`));
    expect(new Set(kept.map(({ principal }) => principal))).toEqual(new Set([`agent:${door.agent.id}`]));
    expect(kept.every(({ ip, reason }) => ip !== null && reason !== "")).toBe(true);
    expect(door.decided).toEqual([]);
  });

  it.each([
    ["an empty segment", "POST", `/api//authorizations/${auth}`],
    ["an empty segment first", "POST", `//api/authorizations/${auth}`],
    ["capitals", "POST", `/API/Authorizations/${auth}`],
    ["a trailing slash", "POST", `/api/authorizations/${auth}/`],
    ["a dot segment", "DELETE", `/api/./rules/${rule}`],
    ["a way up", "DELETE", `/api/contacts/../rules/${rule}`],
    ["an encoded way up", "DELETE", `/api/contacts/%2e%2e/rules/${rule}`],
    ["an encoded slash", "DELETE", `/api%2Frules/${rule}`],
    ["a hidden way up", "POST", `/api/authorizations/${auth}%2f..%2f..%2fcontacts`],
    ["a backslash", "DELETE", `/api\\rules\\${rule}`],
    ["an encoded letter", "DELETE", `/api/%72ules/${rule}`],
    ["a matrix parameter", "DELETE", `/api/rules;x=1/${rule}`],
    ["a query", "POST", `/api/authorizations/${auth}?_method=GET`],
    ["a whole URL", "POST", `http://localhost/api/authorizations/${auth}`],
  ])("finds no way round by %s", async (_trick, method, path) => {
    const before = (await door.events()).length;
    const answer = await door.asAgent(path, { method, body: { decision: "authorized" } });
    expect(answer.status).toBe(403);
    expect((await door.events()).length).toBe(before + 1);
    expect(door.decided).toEqual([]);
  });

  it("is not let in by a method override", async () => {
    for (const name of ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]) {
      const read = await door.asAgent(`/api/authorizations/${auth}?_method=POST`, {
        headers: { [name]: "POST" },
      });
      expect(read.json.error?.code).toBe("not_found");
      const write = await door.asAgent(`/api/authorizations/${auth}`, {
        method: "POST",
        headers: { [name]: "GET" },
      });
      expect(write.status).toBe(403);
    }
    expect(door.decided).toEqual([]);
  });

  it("does not become a person through a cookie beside it", async () => {
    const owner = await door.signIn();
    const answer = await door.asPerson(owner, "/api/rules", {
      headers: { authorization: `Bearer ${door.agent.token}` },
    });
    expect(answer.status).toBe(403);
    const unknown = await door.asPerson(owner, "/api/rules", {
      headers: { authorization: "Basic b3duZXI6eA==" },
    });
    expect(unknown.status).toBe(401);
  });

  it("reads the authorizations of its own jobs", async () => {
    expect((await door.asAgent("/api/authorizations?status=pending")).json.data).toMatchObject({
      items: [],
      total: 0,
    });
  });
});

describe("people", () => {
  it("decide what an agent may not: the request waits, the owner allows it, it happens", async () => {
    const contact = await aContact(door.db, { name: "Johnson Family" });
    await aTicket(door.db, { customer_id: contact.id, status: "completed" });
    const parked = await door.asAgent("/api/actions", {
      method: "POST",
      headers: { prefer: "wait=20" },
      body: { domain: "contact", action: "delete", data: { id: contact.id }, reasoning: "They moved away." },
    });
    expect(parked.status).toBe(202);
    expect((await door.asPerson(await door.signIn(), "/nothing")).text).toMatch(/aria-label="\d+ pending"/);
    const { queue_id, job_id } = parked.json.data ?? {};
    const owner = await door.signIn();
    const seen = await door.asPerson(owner, `/api/authorizations/${queue_id}`);
    const decision = { decision: "authorized", view_hash: seen.json.data?.view_hash, notes: "Go ahead." };
    const post = { method: "POST", body: decision };
    expect((await door.asPerson(owner, `/api/authorizations/${queue_id}`, post)).status).toBe(200);
    const job = await door.asAgent(`/api/jobs/${job_id}?wait=20`);
    expect(job.json.data).toMatchObject({ status: "completed" });
    const again = await door.asPerson(owner, `/api/authorizations/${queue_id}`, post);
    expect(again.status).toBe(409);
    expect(again.json.error).toMatchObject({ code: "conflict", winner: expect.anything() });
  });

  it("keep a technician out for now, whatever the route", async () => {
    const technician = await door.aUser("technician");
    for (const path of ["/authorizations", "/api/contacts", "/api/rules", "/admin/queues", "/jobs"])
      expect((await door.asPerson(technician, path)).status).toBe(403);
    expect((await door.asPerson(technician, "/api/session")).status).toBe(200);
  });

  it("see the queues only as owner, and nobody presses a button there", async () => {
    const office = await door.aUser("office");
    const owner = await door.signIn();
    expect((await door.asPerson(office, "/admin/queues")).status).toBe(403);
    expect((await door.asPerson(owner, "/admin/queues")).status).toBe(200);
    const queues = await door.asPerson(owner, "/admin/queues/api/queues");
    expect(
      JSON.parse(queues.text).queues.map((queue: { readOnlyMode: boolean }) => queue.readOnlyMode),
    ).toEqual([true, true, true, true]);
    const before = (await door.events()).length;
    const promote = "/admin/queues/api/queues/awaiting-authorization/promote";
    expect((await door.asPerson(owner, promote, { method: "PUT" })).status).toBe(403);
    expect((await door.events()).length).toBe(before + 1);
    expect((await door.ask("/admin/queues")).headers.location).toBe("/login?next=%2Fadmin%2Fqueues");
  });
});

describe("nobody", () => {
  it("gets 401 on the API, and a try on a route for people is kept", async () => {
    const before = (await door.events()).length;
    expect((await door.ask("/api/contacts")).json.error?.code).toBe("unauthenticated");
    expect((await door.ask("/api/contacts")).headers["www-authenticate"]).toBe("Bearer");
    expect((await door.events()).length).toBe(before);
    expect((await door.ask("/api/rules")).status).toBe(401);
    const post = { method: "POST", body: { decision: "authorized" } };
    expect((await door.ask(`/api/authorizations/${newId("auth")}`, post)).status).toBe(401);
    expect((await door.ask(`/authorizations/${newId("auth")}/decision`, post)).status).toBe(401);
    const kept = (await door.events()).slice(before);
    expect(kept.map(({ principal }) => principal)).toEqual(["anonymous", "anonymous", "anonymous"]);
  });

  it("is shown the way in on a page", async () => {
    const answer = await door.ask("/authorizations?status=denied");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/login?next=%2Fauthorizations%3Fstatus%3Ddenied");
  });

  it("gets nowhere with a token that was revoked or made up", async () => {
    const token = `cs_${"a".repeat(43)}`;
    for (const path of ["/api/contacts", "/mcp", "/api/rules"])
      expect((await door.ask(path, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    const made = await createAgentToken(door.db, "Soon gone");
    const headers = { authorization: `Bearer ${made.token}` };
    expect((await door.ask("/api/contacts", { headers })).status).toBe(200);
    await door.db.query("UPDATE api_token SET revoked_at = now() WHERE id = $1", [made.id]);
    expect((await door.ask("/api/contacts", { headers })).status).toBe(401);
  });

  it("uses MCP with a session: that endpoint is for tokens", async () => {
    const owner = await door.signIn();
    expect((await door.asPerson(owner, "/mcp", { method: "POST", body: {} })).status).toBe(401);
  });
});

import { createAgentToken } from "../../../src/identity/tokens.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { type Browser, FORM, form, startApi, type TestApi } from "../test-app.ts";

let api: TestApi;
let owner: Browser;
beforeAll(async () => {
  api = await startApi();
  owner = await api.signIn();
});
afterAll(() => api.close());

const reads = async (token: string) =>
  (await api.ask("/api/contacts", { headers: { authorization: `Bearer ${token}` } })).status;

describe("GET /api/tokens", () => {
  it("lists names, last use and expiry to the owner, without secrets", async () => {
    const { id, token } = await createAgentToken(api.db, "Night shift", { lifeMs: 3_600_000 });
    await reads(token);
    const { status, json, text } = await api.asPerson(owner, "/api/tokens");
    expect(status).toBe(200);
    expect(json.data).toMatchObject({ next_cursor: null, total: 2 });
    expect(json.data?.items).toContainEqual({
      id,
      name: "Night shift",
      status: "live",
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      expires_at: expect.any(String),
      revoked_at: null,
    });
    expect(text).not.toContain(token);
    expect(text).not.toContain("token_hash");
  });
});

describe("DELETE /api/tokens/:id", () => {
  it("revokes a token, which is refused from then on", async () => {
    const { id, token } = await createAgentToken(api.db, "Soon gone");
    expect(await reads(token)).toBe(200);
    const revoked = await api.asPerson(owner, `/api/tokens/${id}`, { method: "DELETE" });
    expect(revoked.json.data).toMatchObject({ id, status: "revoked", revoked_at: expect.any(String) });
    expect(await reads(token)).toBe(401);
    expect(await reads(api.agent.token)).toBe(200);
  });

  it.each([newId("token"), "token_1", "nothing"])("answers not_found to %s", async (id) => {
    const answer = await api.asPerson(owner, `/api/tokens/${id}`, { method: "DELETE" });
    expect(answer.json.error).toMatchObject({
      code: "not_found",
      hint: expect.stringContaining("/api/tokens"),
    });
  });
});

describe("tokens", () => {
  it("are shown and revoked on a page, after a confirmation", async () => {
    const { id, token } = await createAgentToken(api.db, "Seen <b>here</b>");
    const page = await api.asPerson(owner, "/tokens");
    expect(page.text).toContain("Seen &lt;b>here");
    expect(page.text).toContain(`action="/tokens/${id}/revoke"`);
    const revoke = { method: "POST", headers: { ...FORM, cookie: owner.cookie } };
    expect((await api.ask(`/tokens/${id}/revoke`, { ...revoke, body: form({ _csrf: "x" }) })).status).toBe(
      403,
    );
    expect(await reads(token)).toBe(200);
    const done = await api.ask(`/tokens/${id}/revoke`, { ...revoke, body: form({ _csrf: owner.csrf }) });
    expect(done).toMatchObject({ status: 303, headers: { location: "/tokens" } });
    expect(await reads(token)).toBe(401);
    expect((await api.asPerson(owner, "/tokens")).text).not.toContain(`action="/tokens/${id}/revoke"`);
  });

  it("are closed to agents, the office and strangers, and each attempt is a security event", async () => {
    const office = await api.aUser("office");
    const path = `/api/tokens/${api.agent.id}`;
    const stored = await api.refusedDuring(async () => {
      for (const [method, at] of [
        ["GET", "/api/tokens"],
        ["DELETE", path],
        ["GET", "/tokens"],
        ["POST", `/tokens/${api.agent.id}/revoke`],
      ] as const) {
        expect((await api.asAgent(at, { method })).status).toBe(403);
        expect((await api.asPerson(office, at, { method })).status).toBe(403);
      }
      expect((await api.ask(path, { method: "DELETE" })).status).toBe(401);
    });
    expect(stored).toHaveLength(9);
    expect(stored).toContainEqual(
      expect.objectContaining({ principal: `agent:${api.agent.id}`, route: "DELETE /api/tokens/:id" }),
    );
    expect(await reads(api.agent.token)).toBe(200);
  });
});

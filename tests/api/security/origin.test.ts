import { type TestApi, startApi } from "../test-app.ts";

let api: TestApi;
let https: TestApi;
beforeAll(async () => {
  api = await startApi();
  https = await startApi({
    publicUrl: () => "https://crm.example.com",
    health: () => Promise.resolve({ database: null, queue: "does not answer" }),
  });
});
afterAll(async () => {
  await api.close();
  await https.close();
});

const post = { method: "POST", body: { type: "contacts" } };

describe("Host", () => {
  it.each([
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "localhost@evil.example",
    "127.0.0.1.nip.io",
    "evillocalhost",
  ])("%p is rejected on every path, and the attempt is stored", async (host) => {
    const paths = ["/api/contacts", "/mcp", "/login", "/authorizations", "/assets/countersign.css"];
    const refused = await api.refusedDuring(async () => {
      for (const path of paths) {
        const answer = await api.asAgent(path, { headers: { host } });
        expect({ path, status: answer.status }).toEqual({ path, status: 403 });
      }
    });
    expect(refused.map(({ reason }) => reason)).toEqual(
      paths.map(() => expect.stringMatching(/^unknown host: /)),
    );
  });

  it("is accepted for every name of localhost and for PUBLIC_URL", async () => {
    for (const host of ["localhost", "localhost:1", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
      expect((await api.asAgent("/api/contacts", { headers: { host } })).status).toBe(200);
    expect((await https.asAgent("/api/contacts", { headers: { host: "crm.example.com" } })).status).toBe(200);
    expect((await api.asAgent("/api/contacts", { headers: { host: "crm.example.com" } })).status).toBe(403);
  });

  it("is not checked for health routes", async () => {
    const headers = { host: "10.0.0.7:8000" };
    expect((await api.ask("/healthz", { headers })).json).toEqual({ success: true, data: { status: "ok" } });
    expect((await api.ask("/readyz", { headers })).status).toBe(200);
    const down = await https.ask("/readyz", { headers });
    expect(down.status).toBe(503);
    expect(down.json.error).toMatchObject({ code: "unavailable", down: { queue: "does not answer" } });
  });
});

describe("Origin", () => {
  it.each([
    "https://evil.example",
    "null",
    "http://localhost",
    "http://localhost:1",
    "http://localhost.evil.example",
    "file://",
  ])("%p is rejected with a token or a session, and the attempt is stored", async (origin) => {
    const headers = { origin };
    const owner = await api.signIn();
    const refused = await api.refusedDuring(async () => {
      for (const path of ["/api/query", "/mcp"]) {
        expect((await api.asAgent(path, { ...post, headers })).json.error?.code).toBe("forbidden");
        expect((await api.asPerson(owner, path, { ...post, headers })).status).toBe(403);
      }
    });
    expect(refused.map(({ route }) => route).sort()).toEqual([
      "POST /api/query",
      "POST /api/query",
      "POST /mcp/*",
      "POST /mcp/*",
    ]);
    expect(refused.every(({ reason }) => reason.startsWith("page of another site: "))).toBe(true);
  });

  it("is accepted when it is our own or missing", async () => {
    const { port } = new URL(api.url);
    for (const origin of [api.url, `http://127.0.0.1:${port}`, `http://[::1]:${port}`])
      expect((await api.asAgent("/api/query", { ...post, headers: { origin } })).status).toBe(200);
    const own = { origin: "https://crm.example.com" };
    expect((await https.asAgent("/api/query", { ...post, headers: own })).status).toBe(200);
    expect((await api.asAgent("/api/query", post)).status).toBe(200);
  });

  it("is rejected for cross-site requests by Sec-Fetch-Site, except for reading a page", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    expect((await api.asAgent("/api/query", { ...post, headers })).status).toBe(403);
    expect((await api.ask("/login", { headers })).status).toBe(200);
  });
});

describe("every response", () => {
  it("forbids foreign scripts, frames and forms, and caching", async () => {
    for (const path of ["/login", "/api/contacts", "/nothing"]) {
      const { headers } = await api.ask(path);
      const policy = String(headers["content-security-policy"]);
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ])
        expect(policy.split(";")).toContain(rule);
      expect(policy).not.toMatch(/unsafe|https?:/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("same-origin");
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers["x-powered-by"]).toBeUndefined();
      expect(headers["strict-transport-security"]).toBeUndefined();
    }
  });

  it("sends HSTS and secure cookies when PUBLIC_URL is https", async () => {
    const { headers } = await https.ask("/login");
    expect(headers["strict-transport-security"]).toContain("max-age");
    expect(headers["set-cookie"]?.[0]).toMatch(/Secure/);
  });
});

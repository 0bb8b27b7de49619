import { type FrontDoor, openFrontDoor } from "./front-door.ts";

let door: FrontDoor;
let https: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
  https = await openFrontDoor({
    publicUrl: () => "https://crm.example.com",
    health: () => Promise.resolve({ database: null, queue: "does not answer" }),
  });
});
afterAll(async () => {
  await door.close();
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
  ])("refuses %p everywhere, and keeps the try", async (host) => {
    for (const path of ["/api/contacts", "/mcp", "/login", "/authorizations", "/assets/countersign.css"]) {
      const answer = await door.asAgent(path, { headers: { host } });
      expect({ path, status: answer.status }).toEqual({ path, status: 403 });
    }
    expect((await door.events()).at(-1)?.reason).toMatch(/^host /);
  });

  it("takes localhost by every name, and PUBLIC_URL's", async () => {
    for (const host of ["localhost", "localhost:1", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
      expect((await door.asAgent("/api/contacts", { headers: { host } })).status).toBe(200);
    expect((await https.asAgent("/api/contacts", { headers: { host: "crm.example.com" } })).status).toBe(200);
    expect((await door.asAgent("/api/contacts", { headers: { host: "crm.example.com" } })).status).toBe(403);
  });

  it("does not matter to who asks for health", async () => {
    const headers = { host: "10.0.0.7:8000" };
    expect((await door.ask("/healthz", { headers })).json).toEqual({ success: true, data: { status: "ok" } });
    expect((await door.ask("/readyz", { headers })).status).toBe(200);
    const down = await https.ask("/readyz", { headers });
    expect(down.status).toBe(503);
    expect(down.json.error).toMatchObject({ code: "unavailable", down: { queue: "does not answer" } });
  });
});

describe("Origin", () => {
  it.each(["https://evil.example", "null", "http://localhost:1", "http://localhost.evil.example", "file://"])(
    "refuses %p, with a token or a session, and keeps the try",
    async (origin) => {
      const headers = { origin };
      const owner = await door.signIn();
      for (const path of ["/api/query", "/mcp"]) {
        expect((await door.asAgent(path, { ...post, headers })).json.error?.code).toBe("forbidden");
        expect((await door.asPerson(owner, path, { ...post, headers })).status).toBe(403);
      }
      expect((await door.events()).at(-1)).toMatchObject({ reason: `origin ${origin}`, route: "POST /mcp" });
    },
  );

  it("takes our own, and none at all", async () => {
    const { port } = new URL(door.url);
    for (const origin of [door.url, `http://127.0.0.1:${port}`, `http://[::1]:${port}`])
      expect((await door.asAgent("/api/query", { ...post, headers: { origin } })).status).toBe(200);
    const own = { origin: "https://crm.example.com" };
    expect((await https.asAgent("/api/query", { ...post, headers: own })).status).toBe(200);
    expect((await door.asAgent("/api/query", post)).status).toBe(200);
  });

  it("may not be another site by Sec-Fetch-Site either, except to follow a link", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    expect((await door.asAgent("/api/query", { ...post, headers })).status).toBe(403);
    expect((await door.ask("/login", { headers })).status).toBe(200);
  });
});

describe("every answer", () => {
  it("forbids scripts, frames and forms that are not ours, and is not stored", async () => {
    for (const path of ["/login", "/api/contacts", "/nothing"]) {
      const { headers } = await door.ask(path);
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

  it("says HTTPS only, and cookies too, where PUBLIC_URL is https", async () => {
    const { headers } = await https.ask("/login");
    expect(headers["strict-transport-security"]).toContain("max-age");
    expect(headers["set-cookie"]?.[0]).toMatch(/Secure/);
  });
});

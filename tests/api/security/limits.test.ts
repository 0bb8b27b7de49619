import { randomUUID } from "node:crypto";
import { createAgentToken } from "../../../src/identity/tokens.ts";
import { type TestApi, startApi } from "../test-app.ts";

let api: TestApi;
let release: () => void;
const pending = new Promise<void>((resolve) => {
  release = resolve;
});

beforeAll(async () => {
  api = await startApi({
    limits: { callsPerMinute: 8, waits: 2 },
    tools: {
      list: () => [],
      schemas: () => ({ input: {}, output: {} }),
      call: () => pending.then(() => ({ ended: true })),
    },
  });
});
afterAll(() => api.close());

const aToken = async () => {
  const { token } = await createAgentToken(api.db, `Busy ${randomUUID()}`);
  return { authorization: `Bearer ${token}` };
};

describe("an agent's token", () => {
  it("is limited in calls per minute, independently of other tokens", async () => {
    const headers = await aToken();
    for (let calls = 0; calls < 8; calls++)
      expect((await api.ask("/api/contacts", { headers })).status).toBe(200);
    const limited = await api.ask("/api/contacts", { headers });
    expect(limited.status).toBe(429);
    expect(limited.json.error).toMatchObject({ code: "rate_limited", retryable: true });
    expect(limited.json.error?.message).toContain("8 calls per minute");
    const retry_after_seconds = Number(limited.headers["retry-after"]);
    expect(limited.json.error).toMatchObject({ retry_after_seconds });
    expect(retry_after_seconds).toBeGreaterThan(1);
    expect(retry_after_seconds).toBeLessThanOrEqual(60);
    expect((await api.ask("/mcp", { method: "POST", headers, body: {} })).status).toBe(429);
    expect((await api.ask("/api/contacts", { headers: await aToken() })).status).toBe(200);
  });

  it("is limited in concurrent waiting requests, until they end", async () => {
    const headers = await aToken();
    const wait = () => api.ask("/api/tools/any", { method: "POST", headers, body: {} });
    const answers: number[] = [];
    const requests = [wait(), wait(), wait()].map(async (each) => void answers.push((await each).status));
    await Promise.race(requests);
    expect(answers).toEqual([429]);
    release();
    await Promise.all(requests);
    expect(answers).toEqual([429, 200, 200]);
    expect((await wait()).status).toBe(200);
  });
});

describe("the documentation", () => {
  it("is limited in calls per minute for each network, and monitoring is not", async () => {
    for (let calls = 0; calls < 8; calls++) expect((await api.ask("/openapi.json")).status).toBe(200);
    const limited = await api.ask("/openapi.json");
    expect(limited).toMatchObject({ status: 429, json: { error: { code: "rate_limited" } } });
    expect((await api.ask("/docs/docs.js")).status).toBe(429);
    expect((await api.ask("/healthz")).status).toBe(200);
  });
});

describe("people", () => {
  it("are not rate-limited", async () => {
    const owner = await api.signIn();
    for (let calls = 0; calls < 12; calls++)
      expect((await api.asPerson(owner, "/api/contacts")).status).toBe(200);
  });
});

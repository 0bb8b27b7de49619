import { get } from "node:http";
import { createAgentToken, type KnownAgent, makeAgentLookup } from "../../../src/identity/tokens.ts";
import { mcpHandler } from "../../../src/mcp/http.ts";
import { eventually } from "../../support/eventually.ts";
import { type Answer, type Browser, startApi, type TestApi } from "../test-app.ts";

/** A tool whose calls never end by themselves. */
let calls = 0;
let finishAll: () => void;
const never = new Promise<{ late: true }>((resolve) => (finishAll = () => resolve({ late: true })));
const call = () => {
  calls++;
  return never;
};
const hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const description = {
  ...{ name: "waiting", title: "Wait", description: "Waits for ever.", annotations: hints },
  ...{ inputSchema: { type: "object" as const }, outputSchema: { type: "object" as const } },
};
const tools = {
  list: () => [description],
  schemas: () => ({ input: {}, output: {} }),
  find: () => ({ answers: "data" as const, call }),
  call,
};

/** What the MCP handler logged. */
const problems: unknown[] = [];
const note = (fields: object) => void problems.push(fields);

let api: TestApi;
beforeAll(async () => {
  const log = { debug: note, error: note };
  api = await startApi({ tools, mcp: mcpHandler(tools, { log }), heartbeatMs: 600_000 });
});
afterAll(() => api.close());
beforeEach(() => void (calls = 0));

let made = 0;
const aToken = (lifeMs?: number) => createAgentToken(api.db, `Waiting ${++made}`, { lifeMs });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const rest = (token: string) =>
  api.ask("/api/tools/waiting", { method: "POST", headers: bearer(token), body: {} });
const mcp = (token: string) =>
  api.ask("/mcp", {
    method: "POST",
    headers: { ...bearer(token), accept: "application/json, text/event-stream" },
    body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "waiting", arguments: {} } },
  });
const started = () => eventually(() => expect(calls).toBe(1));

/** How a request ends: its status, or `cut` where the server closes the connection. It may do so at any time. */
const endOf = (answer: Promise<Answer>): Promise<number | "cut"> =>
  answer.then(
    ({ status }) => status,
    () => "cut",
  );

describe.each([
  ["the API", rest, 401],
  ["the MCP endpoint, which streams its answer,", mcp, "cut"],
])("a request to %s that is still waiting", (_, ask, end) => {
  it("is ended at once when its token is revoked by another process", async () => {
    const { id, token } = await aToken();
    const ended = endOf(ask(token));
    await started();
    await api.db.query("UPDATE api_token SET revoked_at = clock_timestamp() WHERE id = $1", [id]);
    expect(await ended).toBe(end);
    expect((await ask(token)).status).toBe(401);
  });

  it("is ended at once when its token expires", async () => {
    const { token } = await aToken(5_000);
    const ended = endOf(ask(token));
    await started();
    expect(await ended).toBe(end);
    expect((await ask(token)).status).toBe(401);
  });

  it("goes on when another token is revoked, or its own is only given another end", async () => {
    const [mine, other] = [await aToken(), await aToken()];
    let answered = false;
    void endOf(ask(mine.token)).then(() => (answered = true));
    await started();
    await api.db.query("UPDATE api_token SET revoked_at = clock_timestamp() WHERE id = $1", [other.id]);
    await api.db.query(
      "UPDATE api_token SET expires_at = clock_timestamp() + interval '1 day' WHERE id = $1",
      [mine.id],
    );
    // The token revoked last ends its own request; the notifications arrive in order.
    const last = await aToken();
    const theirs = endOf(ask(last.token));
    await eventually(() => expect(calls).toBe(2));
    await api.db.query("UPDATE api_token SET revoked_at = clock_timestamp() WHERE id = $1", [last.id]);
    expect(await theirs).toBe(end);
    expect(answered).toBe(false);
  });
});

describe("an event stream", () => {
  /** Resolves once the stream is open; `ended` when the server ends it. */
  const stream = ({ cookie }: Browser): Promise<{ ended: Promise<void> }> =>
    new Promise((resolve, reject) => {
      get(new URL("/api/events", api.url), { headers: { cookie }, agent: false }, (answer) => {
        const ended = new Promise<void>((end) => answer.once("end", end));
        answer.once("data", () => resolve({ ended }));
        answer.resume();
      }).on("error", reject);
    });

  it("ends at once when its session is ended elsewhere, long before the next heartbeat", async () => {
    const [here, there] = [await api.signIn(), await api.signIn()];
    const { ended } = await stream(there);
    await api.ask("/account/sessions/end-others", {
      method: "POST",
      headers: { cookie: here.cookie, "content-type": "application/x-www-form-urlencoded" },
      body: `_csrf=${here.csrf}`,
    });
    await ended;
    expect((await api.asPerson(there, "/api/session")).status).toBe(401);
  });
});

describe("what a tool answers after its request was refused", () => {
  it("goes nowhere: the MCP handler meets no error and the process serves on", async () => {
    finishAll();
    await never;
    const { token } = await aToken();
    expect((await mcp(token)).text).toContain("late");
    expect(problems).toEqual([]);
  });
});

describe("a token's remaining time", () => {
  it("is known to the lookup, which caches nothing", async () => {
    const { id, token } = await aToken(60_000);
    const find = makeAgentLookup(api.db);
    const known = (): Promise<KnownAgent | null> => find(`Bearer ${token}`, new Date());
    expect((await known())?.endsInMs).toBeLessThanOrEqual(60_000);
    await api.db.query("UPDATE api_token SET expires_at = clock_timestamp() WHERE id = $1", [id]);
    expect(await known()).toBeNull();
  });
});

import fc from "fast-check";
import { Job } from "../../src/entities/job.ts";
import { anyBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { aTicket } from "../support/factories.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { type RawAnswer, rawRequest } from "../support/raw-request.ts";
import { actions, decisions, messages, queries } from "./random-input.ts";

/** Every API that accepts an action: name, path, and a function that wraps the raw text of one. */
const apis: [string, string, (action: string) => string][] = [
  ["REST", "/api/actions", (action) => action],
  ["tools", "/api/tools/crm_action", (action) => action],
  ["MCP", "/mcp", (action) => toolCall(`{"name":"crm_action","arguments":${action}}`)],
];
const toolCall = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

const contact = (data: string) => `{"domain":"contact","action":"create","data":${data}}`;
const RUNS = 40;

anyBackend("input", (backend) => {
  let app: TestApp;
  let owner: Session;
  beforeAll(async () => {
    app = await startApp(backend, { env: { AGENT_CALLS_PER_MINUTE: "100000" } });
    owner = await app.owner();
  });
  afterAll(() => app.stop());

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    rawRequest(app.url, path, {
      method: "POST",
      body,
      headers: {
        authorization: `Bearer ${app.token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
    });

  describe.each(apis)("that is invalid, through %s", (_api, path, wrap) => {
    it.each<[string, string, RegExp]>([
      ["a wrong type", contact('{"name":5}'), /data\.name.*must be text.*crm_capabilities/],
      ["an unknown key", contact('{"name":"A","vip":true}'), /data\.vip.*unknown key.*crm_capabilities/],
      ["__proto__", contact('{"name":"A","__proto__":{"x":1}}'), /data\.__proto__.*unknown key/],
      ["a key beside it", `${contact('{"name":"A"}').slice(0, -1)},"force":true}`, /force.*unknown key/],
      [
        "a near miss",
        '{"domain":"contact","action":"delte","data":{}}',
        /There is no action.*contact\.delete/,
      ],
      [
        "a strange domain",
        '{"domain":"constructor","action":"name","data":{}}',
        /There is no action.*Did you mean/,
      ],
      ["a NUL byte", contact('{"name":"A\\u0000"}'), /data\.name.*NUL/],
      ["a lone surrogate", contact('{"name":"\\ud800"}'), /data\.name.*lone surrogate/],
      ["a number without end", contact('{"name":"A","do_not_contact":1e400}'), /data\.do_not_contact/],
    ])("is rejected with the field and the next step: %s", async (_what, action, words) => {
      const before = await app.db.manager.count(Job);
      const { status, text } = await post(path, wrap(action));
      expect(status).toBe(path === "/mcp" ? 200 : 400);
      expect(text.replaceAll("\n", " ")).toMatch(words);
      expect(text).toMatch(path === "/mcp" ? /Next: \w+.*"isError":true/ : /"hint":"\w+/);
      expect(await app.db.manager.count(Job)).toBe(before);
    });

    it("is rejected before it is traversed when it is nested very deeply", async () => {
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      const { status, error } = await post(path, wrap(contact(`{"name":${deep}}`)));
      expect(status).toBe(400);
      expect(error?.message).toContain("nested deeper");
    });

    it("is rejected with the limit when it holds more than 10,000 values", async () => {
      const keys = Array.from({ length: 10_001 }, (_, nth) => `"k${nth}":${nth}`).join(",");
      const { status, error } = await post(path, wrap(contact(`{${keys}}`)));
      expect(status).toBe(413);
      expect(error).toMatchObject({ code: "too_large", limit: "10000 values in one body" });
    });

    it("is not rejected as too large for the commas, quotes and backslashes in its texts", async () => {
      const text = JSON.stringify(`\\"${",".repeat(20_000)}`);
      const { status } = await post(path, wrap(contact(`{"name":"Ann","nickname":${text}}`)));
      expect(status).not.toBe(413); // There is no such field: a refusal after the body was read.
    });

    it("is rejected with the limit when the body is over 1 MB", async () => {
      const { status, error } = await post(path, wrap(contact(`{"name":"${"x".repeat(1_000_000)}"}`)));
      expect(status).toBe(413);
      expect(error).toMatchObject({ code: "too_large", limit_bytes: 1_000_000 });
    });
  });

  describe("that is generated at random", () => {
    let auth: string;
    let ids: Record<string, string>;
    beforeAll(async () => {
      const ticket = await aTicket(app.db);
      ids = { contact: ticket.customer_id, ticket: ticket.id, address: ticket.address_id ?? "" };
      const { customer_id: id } = await aTicket(app.db, { status: "completed" });
      auth = (await app.act("contact", "delete", { id }, { reasoning: "Moved." })).queue_id ?? "";
      expect(auth).toMatch(/^auth_/);
    });
    /** Replaces the ids of an example by ids of existing records. */
    const withRealIds = (json: string) =>
      json.replace(/(contact|ticket|address)_\w{26}/g, (id, kind: string) => ids[kind] ?? id);

    /** Expects our envelope, and no internal error, for each body. */
    const always = (bodies: fc.Arbitrary<unknown>, ask: (body: string) => Promise<RawAnswer>) =>
      fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const answer = await ask(withRealIds(JSON.stringify(body) ?? ""));
          expect(answer.status).toBeLessThan(500);
          expectEnvelope(answer);
        }),
        { numRuns: RUNS },
      );

    it("gets a valid response below 500 from POST /api/actions", () =>
      always(actions, (body) => post("/api/actions", body)));
    it("gets a valid response below 500 from POST /api/tools/crm_action", () =>
      always(
        actions.map((action) => ({ ...action, wait_seconds: 0 })),
        (body) => post("/api/tools/crm_action", body),
      ));
    it("gets a valid response below 500 from POST /api/query", () =>
      always(queries, (body) => post("/api/query", body)));
    it("gets a valid response below 500 from POST /mcp", () =>
      always(messages, (body) => post("/mcp", body)));
    it("gets a valid response below 500 from POST /api/authorizations/{id}", () =>
      always(decisions, async (body) => {
        const { cookie, csrf } = owner;
        return rawRequest(app.url, `/api/authorizations/${auth}`, {
          method: "POST",
          body,
          headers: { "content-type": "application/json", cookie, "x-csrf-token": csrf },
        });
      }));

    it("leaves no open job, no internal error and a ready app", async () => {
      const open = "SELECT id FROM job WHERE status IN ('queued', 'running')";
      await eventually(async () => expect(await app.db.query(open)).toEqual([]));
      const bugs = "SELECT action, input FROM job WHERE error->>'code' = 'internal'";
      expect(await app.db.query(bugs)).toEqual([]);
      const logs = app.processes.map((each) => each.output()).join("");
      expect(logs).not.toMatch(/unexpected error|met a bug|failed unexpectedly/);
      expect((await rawRequest(app.url, "/readyz")).status).toBe(200);
    });
  });
});

/** JSON in our envelope; for MCP also JSON-RPC, as one object or as an event. */
function expectEnvelope({ status, headers, text }: RawAnswer): void {
  if (status === 202 && text === "") return; // A notification has no answer.
  const json = String(headers["content-type"]).startsWith("text/event-stream")
    ? (/^data: (\{.*)$/m.exec(text)?.[1] ?? "")
    : text;
  const body = JSON.parse(json) as Record<string, unknown>;
  if (body["jsonrpc"] === "2.0") return expect(json).not.toContain("internal: ");
  expect(body["success"]).toBe(status < 300);
  if (status < 300) return expect(body).toHaveProperty("data");
  expect(body["error"]).toMatchObject({
    code: expect.any(String),
    message: expect.stringMatching(/\w/),
    fields: expect.any(Array),
    hint: expect.stringMatching(/\w/),
    retryable: expect.any(Boolean),
  });
}

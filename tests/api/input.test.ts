import { newId } from "../../src/domain/core/ids.ts";
import { type Ask, FORM, type TestApi, startApi } from "./test-app.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const action = (body: unknown, headers = {}): Ask => ({ method: "POST", body, headers });
const raw = (body: string): Ask => ({
  method: "POST",
  body,
  headers: { "content-type": "application/json" },
});
const create = (data: unknown) => action({ domain: "contact", action: "create", data });

describe("bad input", () => {
  it.each<[string, string, Ask, number, string, RegExp]>([
    ["a wrong type", "/api/actions", create({ name: 5 }), 400, "data.name", /must be text, not a number/],
    ["an unknown key", "/api/actions", create({ name: "A", vip: true }), 400, "data.vip", /unknown key/],
    [
      "__proto__ in the data",
      "/api/actions",
      raw('{"domain":"contact","action":"create","data":{"name":"A","__proto__":{"x":1}}}'),
      400,
      "data.__proto__",
      /unknown key/,
    ],
    [
      "__proto__ in the envelope",
      "/api/query",
      raw('{"type":"contacts","__proto__":{"x":1}}'),
      400,
      "__proto__",
      /unknown key/,
    ],
    [
      "constructor as a filter",
      "/api/query",
      action({ type: "contacts", filters: { constructor: 1 } }),
      400,
      "filters.constructor",
      /./,
    ],
    [
      "an unknown action",
      "/api/actions",
      action({ domain: "contact", action: "delte", data: {} }),
      400,
      "action",
      /contact\.delete/,
    ],
    [
      "an unknown envelope key",
      "/api/actions",
      action({ domain: "contact", action: "create", data: {}, force: true }),
      400,
      "force",
      /unknown key/,
    ],
    ["a NUL byte", "/api/actions", create({ name: "A\0B" }), 400, "data.name", /NUL/],
    [
      "a lone surrogate",
      "/api/actions",
      raw('{"domain":"contact","action":"create","data":{"name":"\\ud800"}}'),
      400,
      "data.name",
      /surrogate/,
    ],
    ["a huge number", "/api/query", raw('{"type":"contacts","limit":1e400}'), 400, "limit", /./],
    [
      "a number past the limit",
      "/api/query",
      raw('{"type":"contacts","limit":9007199254740993}'),
      400,
      "limit",
      /./,
    ],
    [
      "deep nesting",
      "/api/actions",
      raw(`{"domain":"contact","action":"create","data":${"[".repeat(50_000)}${"]".repeat(50_000)}}`),
      400,
      "",
      /nested/,
    ],
    ["broken JSON", "/api/actions", raw('{"domain":'), 400, "body", /JSON/],
    ["JSON that is not an object", "/api/actions", raw("[1]"), 400, "", /object/],
    [
      "a form instead of JSON",
      "/api/actions",
      { method: "POST", body: "domain=contact", headers: FORM },
      400,
      "Content-Type",
      /application\/json/,
    ],
    [
      "an unsupported Content-Encoding",
      "/api/actions",
      action({}, { "content-encoding": "pony" }),
      400,
      "body",
      /./,
    ],
    [
      "a reasoning over the limit",
      "/api/actions",
      action({ domain: "contact", action: "create", data: {}, reasoning: "x".repeat(10_001) }),
      400,
      "reasoning",
      /./,
    ],
    [
      "a non-ASCII idempotency key",
      "/api/actions",
      action({ domain: "contact", action: "create", data: { name: "A" } }, { "idempotency-key": "é" }),
      400,
      "Idempotency-Key",
      /ASCII/,
    ],
    [
      "a wait over the limit",
      "/api/actions",
      action({ domain: "contact", action: "create", data: { name: "A" } }, { prefer: "wait=26" }),
      400,
      "Prefer",
      /0 to 25/,
    ],
    ["a wait that is not a number", `/api/jobs/${newId("job")}?wait=soon`, {}, 400, "wait", /0 to 25/],
    ["an unknown status", "/api/jobs?status=open", {}, 400, "status", /./],
    ["an unknown parameter", "/api/jobs?state=queued", {}, 400, "state", /unknown/],
    ["a parameter given twice", "/api/contacts?search=a&search=b", {}, 400, "search", /once/],
    ["an unknown filter", "/api/contacts?colour=red", {}, 400, "filters.colour", /./],
    ["a NUL in the URL", "/api/contacts?search=%00", {}, 400, "search", /NUL/],
    ["a limit out of bounds", "/api/contacts?limit=101", {}, 400, "limit", /./],
    ["broken percent-encoding", "/api/jobs/%zz", {}, 400, "", /./],
  ])("%s returns 400 with the field and the next step", async (_what, path, ask, status, field, pattern) => {
    const answer = await api.asAgent(path, ask);
    expect({ status: answer.status, success: answer.json.success }).toEqual({ status, success: false });
    const { error } = answer.json;
    expect(error?.hint).toMatch(/\w+ \w+/);
    expect(`${error?.message} ${JSON.stringify(error?.fields)}`).toMatch(pattern);
    if (field) expect(error?.fields.map(({ path: at }) => at)).toContain(field);
  });

  it("over 1 MB returns 413 with the limit, with and without a Content-Length", async () => {
    const big = create({ name: "x".repeat(1_000_000) });
    for (const headers of [{}, { "transfer-encoding": "chunked" }] as Record<string, string>[]) {
      const answer = await api.asAgent("/api/actions", { ...big, headers });
      expect(answer.status).toBe(413);
      expect(answer.json.error).toMatchObject({ code: "too_large", limit_bytes: 1_000_000 });
      expect(answer.json.error?.message).toContain("1 MB");
    }
  });

  it("with a malformed or unknown id, or one of another type, returns not_found", async () => {
    for (const path of [
      `/api/jobs/${newId("job")}`,
      "/api/jobs/nope",
      "/api/jobs/%00",
      `/api/authorizations/${newId("job")}`,
    ])
      expect((await api.asAgent(path)).json.error).toMatchObject({ code: "not_found" });
  });

  it("returns 404 with the nearest path for an unknown path, and 405 with the allowed method for a wrong one", async () => {
    const path = await api.asAgent("/api/contact");
    expect(path.status).toBe(404);
    expect(path.json.error?.hint).toContain("/api/contacts");
    expect((await api.asAgent("/api/a/b/c")).status).toBe(404);
    expect((await api.asAgent("/api")).status).toBe(404);
    for (const [method, at, allowed] of [
      ["PUT", "/api/actions", "POST"],
      ["POST", "/api/contacts", "GET"],
      ["DELETE", `/api/contacts/${newId("contact")}`, "GET"],
      ["GET", `/api/jobs/${newId("job")}/withdraw`, "POST"],
    ] as const) {
      const answer = await api.asAgent(at, { method });
      expect([answer.status, answer.headers.allow]).toEqual([405, allowed]);
    }
  });

  it("returns 400 for a decision with unknown keys or conflicting fields, and decides nothing", async () => {
    const owner = await api.signIn();
    const decide = (body: object) =>
      api.asPerson(owner, `/api/authorizations/${newId("auth")}`, { method: "POST", body });
    for (const [body, field] of [
      [{ decision: "yes" }, "decision"],
      [{}, "decision"],
      [{ decision: "authorized", force: true }, "force"],
      [{ decision: "denied", upgrade_permission: true }, "upgrade_permission"],
      [{ decision: "authorized", scope: { max_uses: 1 } }, "scope"],
      [{ decision: "authorized", upgrade_permission: true, scope: { agent: "all" } }, "scope.agent"],
    ] as const) {
      const answer = await decide(body);
      expect(answer.status).toBe(400);
      expect(answer.json.error?.fields.map(({ path }) => path)).toContain(field);
    }
    expect((await decide({ decision: "denied", notes: "No." })).status).toBe(404);
  });
});

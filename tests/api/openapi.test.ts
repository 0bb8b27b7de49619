import { z } from "zod";
import { pino } from "pino";
import { makeApp } from "../../src/api/app.ts";
import { openApi } from "../../src/api/openapi/index.ts";
import type { Route } from "../../src/api/route.ts";
import type { JsonSchema } from "../../src/api/schema.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { makeTools } from "../../src/mcp/tools.ts";
import { aCrm } from "../mcp/office.ts";
import { type TestApi, startApi } from "./test-app.ts";

interface Operation {
  operationId: string;
  security: JsonSchema[];
  parameters?: { name: string; in: string; required: boolean; schema: JsonSchema }[];
  requestBody?: {
    content: Record<string, { schema: JsonSchema; examples?: Record<string, { value: unknown }> }>;
  };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; responses: Record<string, JsonSchema> };
}

const registry = makeRegistry(domains);
const tools = makeTools(aCrm(), registry);
const document = JSON.parse(JSON.stringify(openApi(registry, tools))) as OpenApi;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const operation = (id: string): Operation => {
  const found = operations.find(({ operation }) => operation.operationId === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found.operation;
};

/** Converts a schema of the document to zod. */
const zodSchema = (schema: JsonSchema): z.ZodType =>
  z.fromJSONSchema(
    JSON.parse(
      JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
        "#/components/schemas/",
        "#/$defs/",
      ),
    ),
  );

let api: TestApi;
beforeAll(async () => void (api = await startApi()));
afterAll(() => api.close());

describe("the OpenAPI document", () => {
  it("contains every route that Express serves, except those hidden with a reason", () => {
    const documented = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    const { served, hidden } = everyRoute();
    expect(served.filter((route) => !hidden.has(route)).sort()).toEqual(documented.sort());
    for (const reason of hidden.values()) expect(reason).toMatch(/\.$/);
  });

  it("has unique operation ids and no dangling reference", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const references = JSON.stringify(document).match(/"#\/[^"]*"/g) ?? [];
    expect(references.length).toBeGreaterThan(100);
    const known = [
      ...Object.keys(document.components.schemas).map((name) => `"#/components/schemas/${name}"`),
      ...Object.keys(document.components.responses).map((name) => `"#/components/responses/${name}"`),
    ];
    expect(references.filter((reference) => !known.includes(reference))).toEqual([]);
  });

  it("accepts the example of every action, and rejects unknown fields and actions", () => {
    const { schema, examples = {} } = operation("submit_action").requestBody?.content["application/json"] ?? {
      schema: {},
    };
    const offered = [...registry.actions].filter(
      ([, { audience }]) => audience === undefined || audience === "people",
    );
    expect(Object.keys(examples)).toEqual(offered.map(([key]) => key));
    expect(schema["oneOf"]).toHaveLength(offered.length);
    const any = zodSchema(schema);
    for (const { value } of Object.values(examples)) expect(any.safeParse(value).error).toBeUndefined();
    expect(any.safeParse({ domain: "contact", action: "create", data: { nam: "Maria" } }).success).toBe(
      false,
    );
    expect(any.safeParse({ domain: "contact", action: "unknown", data: {} }).success).toBe(false);
    expect(document.components.schemas["contact.delete"]).toMatchObject({
      description: expect.stringContaining("requires_authorization when"),
      properties: { domain: { const: "contact" }, action: { const: "delete" } },
      required: ["domain", "action", "data"],
      additionalProperties: false,
    });
  });

  it("lists the query parameters of every record type", () => {
    for (const type of registry.types.values()) {
      const taken = operation(`list_${type.type}`).parameters?.map(({ name }) => name);
      expect(taken).toEqual(
        expect.arrayContaining(["search", "sort", "cursor", ...Object.keys(type.filters)]),
      );
    }
    expect(operation("list_contacts").parameters).toContainEqual(
      expect.objectContaining({
        name: "archived",
        in: "query",
        schema: { type: "string", enum: ["no", "yes", "any"], default: "no" },
      }),
    );
  });

  it("accepts no token for decisions, and requires the CSRF token with a session", () => {
    expect(operation("decide_authorization").security).toEqual([{ session: [], csrf: [] }]);
    expect(operation("submit_action").security).toEqual([{ bearer: [] }, { session: [], csrf: [] }]);
    expect(operation("query").responses).toMatchObject({ 400: {}, 401: {}, 404: {}, 413: {}, 429: {} });
  });

  it("and its page are public", async () => {
    const { status, headers, text } = await api.ask("/openapi.json");
    expect([status, headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
    expect(JSON.parse(text)).toEqual(document);
    expect((await api.ask("/docs")).text).toContain("/docs/swagger-ui-bundle.js");
    for (const path of ["/openapi.json", "/docs", "/docs/docs.js"])
      expect(await api.ask(path, { method: "POST" })).toMatchObject({ status: 405 });
  });

  it.each(["/docs/index.html", "/docs/package.json", "/docs/../package.json", "/docs/%2e%2e/package.json"])(
    "is the only public file: %s is not served",
    async (path) => {
      expect((await api.ask(path)).status).not.toBe(200);
    },
  );
});

describe("responses match the OpenAPI document", () => {
  const fits = async (id: string, asked: Promise<{ status: number; text: string }>) => {
    const { status, text } = await asked;
    const schema = operation(id).responses[status]?.content?.["application/json"]?.schema;
    if (!schema) throw new Error(`${id} does not document ${status}: ${text}`);
    expect(zodSchema(schema).safeParse(JSON.parse(text)).error).toBeUndefined();
  };
  const post = (body: unknown, headers = {}) => ({ method: "POST", body, headers });

  it("for agents", async () => {
    const create = { domain: "contact", action: "create", data: { name: "Maria Garcia" } };
    await fits("submit_action", api.asAgent("/api/actions", post(create, { prefer: "wait=20" })));
    await fits("submit_action", api.asAgent("/api/actions", post({ ...create, dry_run: true })));
    await fits("list_jobs", api.asAgent("/api/jobs?limit=1"));
    await fits("list_contacts", api.asAgent("/api/contacts?include=tickets"));
    await fits("query", api.asAgent("/api/query", post({ type: "tickets" })));
    await fits("list_tools", api.asAgent("/api/tools"));
    await fits("tool_crm_query", api.asAgent("/api/tools/crm_query", post({ type: "contacts" })));
    await fits("read_capabilities", api.asAgent("/api/capabilities"));
  });

  it("for people", async () => {
    const owner = await api.signIn();
    await parkedJob();
    await fits("list_authorizations", api.asPerson(owner, "/api/authorizations"));
    await fits("read_session", api.asPerson(owner, "/api/session"));
    await fits("read_audit", api.asPerson(owner, "/api/audit"));
    await fits("list_users", api.asPerson(owner, "/api/users"));
    await fits("list_rules", api.asPerson(owner, "/api/rules"));
  });

  it("for public routes", async () => {
    await fits("live", api.ask("/healthz"));
    await fits("ready", api.ask("/readyz"));
  });

  /** Makes one parked job and one refused request, so that the lists are not empty. */
  async function parkedJob(): Promise<void> {
    const act = (action: string, data: object) =>
      api.asAgent("/api/actions", post({ domain: "contact", action, data }, { prefer: "wait=20" }));
    const made = await Promise.all(Array.from({ length: 6 }, () => act("create", { name: "Jo" })));
    const ids = made.map(({ json }) => (json.data?.["result"] as { id: string }).id);
    const parked = await act("bulk_delete", { ids });
    expect(parked).toMatchObject({ status: 202, json: { data: { status: "authorization_required" } } });
    await fits("submit_action", Promise.resolve(parked));
    await api.asAgent("/api/rules");
  }
});

/** Every route that Express serves, written `GET /api/jobs/{id}`, and the reasons of the hidden ones. */
function everyRoute(): { served: string[]; hidden: Map<string, string> } {
  const app = makeApp({
    crm: aCrm(),
    access: { watch: () => () => undefined },
    db: api.db,
    registry,
    tools: { ...tools, call: () => Promise.reject(new Error("not called")) },
    publicUrl: () => api.url,
    now: () => new Date(),
    log: pino({ level: "silent" }),
    limits: { callsPerMinute: 1, waits: 1 },
    health: () => Promise.resolve({}),
    metrics: () => Promise.resolve(""),
  });
  const template = (method: string, path: string) =>
    `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;
  const routes = app.locals["routes"] as Route[];
  const hidden = routes.flatMap(({ method, path, hidden }) =>
    hidden === undefined ? [] : [[template(method, path), hidden] as const],
  );
  return {
    served: routesIn(app.router).map(({ method, path }) => template(method, path)),
    hidden: new Map(hidden),
  };
}

interface Layer {
  /** The mount path as the code wrote it. */
  rawPath?: unknown;
  route?: { path: string | string[]; stack: { method?: string }[] };
  handle: unknown;
}

function routesIn(router: unknown, at = ""): { method: string; path: string }[] {
  const { stack = [] } = router as { stack?: Layer[] }; // Routers are functions with a stack; handlers have none.
  return stack.flatMap(({ rawPath, route, handle }) => {
    if (!route) return routesIn(handle, at + (typeof rawPath === "string" && rawPath !== "/" ? rawPath : ""));
    const methods = new Set(route.stack.flatMap(({ method }) => (method ? [method.toUpperCase()] : [])));
    return [route.path].flat().flatMap((path) => [...methods].map((method) => ({ method, path: at + path })));
  });
}

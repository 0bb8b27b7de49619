import { z } from "zod";
import { pino } from "pino";
import { makeApp } from "../../src/api/app.ts";
import { openApi } from "../../src/api/openapi/index.ts";
import type { JsonSchema } from "../../src/api/openapi/call.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { makeTools } from "../../src/mcp/tools.ts";
import { aCrm } from "../mcp/office.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";

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
const tools = makeTools(aCrm(), registry).list();
const document = JSON.parse(JSON.stringify(openApi(registry, tools))) as OpenApi; // Its shape is what these tests look at.
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const operation = (id: string): Operation => {
  const found = operations.find(({ operation }) => operation.operationId === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found.operation;
};

/** A schema of the document as zod reads it. */
const reader = (schema: JsonSchema): z.ZodType =>
  z.fromJSONSchema(
    JSON.parse(
      JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
        "#/components/schemas/",
        "#/$defs/",
      ),
    ),
  );

let door: FrontDoor;
beforeAll(async () => void (door = await openFrontDoor()));
afterAll(() => door.close());

describe("the document", () => {
  it("names the paths that there are, no more and no fewer", () => {
    const documented = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(documented.sort()).toEqual(routesForPrograms().sort());
  });

  it("has an operation id of its own for each, and no reference into nothing", () => {
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

  it("takes of each action what its schema takes, told apart by domain and action", () => {
    const { schema, examples = {} } = operation("submit_action").requestBody?.content["application/json"] ?? {
      schema: {},
    };
    const offered = [...registry.actions].filter(([, { audience }]) => audience !== "system");
    expect(Object.keys(examples)).toEqual(offered.map(([key]) => key));
    expect(schema["oneOf"]).toHaveLength(offered.length);
    const any = reader(schema);
    for (const { value } of Object.values(examples)) expect(any.safeParse(value).error).toBeUndefined();
    expect(any.safeParse({ domain: "contact", action: "create", data: { nam: "Maria" } }).success).toBe(
      false,
    );
    expect(any.safeParse({ domain: "contact", action: "sing", data: {} }).success).toBe(false);
    expect(document.components.schemas["contact.delete"]).toMatchObject({
      description: expect.stringContaining("requires_authorization when"),
      properties: { domain: { const: "contact" }, action: { const: "delete" } },
      required: ["domain", "action", "data"],
      additionalProperties: false,
    });
  });

  it("says of each type of record what its URL takes", () => {
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

  it("lets nobody's token decide, and asks sessions for the CSRF token", () => {
    expect(operation("decide_authorization").security).toEqual([{ session: [], csrf: [] }]);
    expect(operation("submit_action").security).toEqual([{ bearer: [] }, { session: [], csrf: [] }]);
    expect(operation("query").responses).toMatchObject({ 400: {}, 401: {}, 404: {}, 413: {}, 429: {} });
  });

  it("is read without signing in, as the page is", async () => {
    const { status, headers, text } = await door.ask("/openapi.json");
    expect([status, headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
    expect(JSON.parse(text)).toEqual(document);
    expect((await door.ask("/docs")).text).toContain("/docs/swagger-ui-bundle.js");
    for (const path of ["/openapi.json", "/docs", "/docs/docs.js"])
      expect(await door.ask(path, { method: "POST" })).toMatchObject({ status: 405 });
  });

  it.each(["/docs/index.html", "/docs/package.json", "/docs/../package.json", "/docs/%2e%2e/package.json"])(
    "serves no other file: %s",
    async (path) => {
      expect((await door.ask(path)).status).not.toBe(200);
    },
  );
});

describe("what is answered fits what the document says", () => {
  const fits = async (id: string, asked: Promise<{ status: number; text: string }>) => {
    const { status, text } = await asked;
    const schema = operation(id).responses[status]?.content?.["application/json"]?.schema;
    if (!schema) throw new Error(`${id} does not document ${status}: ${text}`);
    expect(reader(schema).safeParse(JSON.parse(text)).error).toBeUndefined();
  };
  const post = (body: unknown, headers = {}) => ({ method: "POST", body, headers });

  it("for agents", async () => {
    const create = { domain: "contact", action: "create", data: { name: "Maria Garcia" } };
    await fits("submit_action", door.asAgent("/api/actions", post(create, { prefer: "wait=20" })));
    await fits("submit_action", door.asAgent("/api/actions", post({ ...create, dry_run: true })));
    await fits("list_jobs", door.asAgent("/api/jobs?limit=1"));
    await fits("list_contacts", door.asAgent("/api/contacts?include=tickets"));
    await fits("query", door.asAgent("/api/query", post({ type: "tickets" })));
    await fits("list_tools", door.asAgent("/api/tools"));
    await fits("tool_crm_query", door.asAgent("/api/tools/crm_query", post({ type: "contacts" })));
    await fits("read_capabilities", door.asAgent("/api/capabilities"));
  });

  it("for people", async () => {
    const owner = await door.signIn();
    await parkedJob();
    await fits("list_authorizations", door.asPerson(owner, "/api/authorizations"));
    await fits("read_session", door.asPerson(owner, "/api/session"));
    await fits("read_audit", door.asPerson(owner, "/api/audit"));
    await fits("list_users", door.asPerson(owner, "/api/users"));
    await fits("list_rules", door.asPerson(owner, "/api/rules"));
  });

  it("for everybody", async () => {
    await fits("live", door.ask("/healthz"));
    await fits("ready", door.ask("/readyz"));
  });

  /** A question that a person has to answer, and a try that was refused: what lists then have to show. */
  async function parkedJob(): Promise<void> {
    const act = (action: string, data: object) =>
      door.asAgent("/api/actions", post({ domain: "contact", action, data }, { prefer: "wait=20" }));
    const made = await Promise.all(Array.from({ length: 6 }, () => act("create", { name: "Jo" })));
    const ids = made.map(({ json }) => (json.data?.["result"] as { id: string }).id);
    const parked = await act("bulk_delete", { ids });
    expect(parked).toMatchObject({ status: 202, json: { data: { status: "authorization_required" } } });
    await fits("submit_action", Promise.resolve(parked));
    await door.asAgent("/api/rules");
  }
});

/** Where people go: no part of the document. */
const PAGES = new Set(
  [
    "",
    "login",
    "logout",
    "welcome",
    "assets",
    "docs",
    "openapi.json",
    "authorizations",
    "jobs",
    "audit",
    "rules",
  ].concat(["schedule", "customers", "leads", "invoices", "messages", "settings", "connect"]),
);

/** Every route that Express has, but the pages, as the document writes it: `GET /api/jobs/{id}`. */
function routesForPrograms(): string[] {
  const app = makeApp({
    crm: aCrm(),
    db: door.db,
    registry,
    tools: { list: () => tools, call: () => Promise.reject(new Error("nobody asks")) },
    publicUrl: () => door.url,
    now: () => new Date(),
    log: pino({ level: "silent" }),
    limits: { callsPerMinute: 1, waits: 1 },
    health: () => Promise.resolve({}),
    metrics: () => Promise.resolve(""),
  });
  return routesIn(app.router)
    .filter(({ method, path }) => method !== "HEAD" && !PAGES.has(path.split("/")[1] ?? ""))
    .flatMap(({ method, path }) => spelledOut(path).map((each) => `${method} ${each}`));
}

interface Layer {
  /** Where it was mounted, as it was written. */
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

const spelledOut = (path: string): string[] =>
  (path.includes(":type") ? [...registry.types.keys()].map((type) => path.replace(":type", type)) : [path])
    .flatMap((each) =>
      each.includes(":name") ? tools.map(({ name }) => each.replace(":name", name)) : [each],
    )
    .map((each) => each.replaceAll(/:(\w+)/g, "{$1}"));

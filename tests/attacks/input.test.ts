import fc from "fast-check";
import { type Action } from "../../src/domain/core/action.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { Job } from "../../src/entities/job.ts";
import { eachBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { aTicket } from "../support/factories.ts";
import { aHouse, type House, type Session } from "../support/house.ts";
import { type Knocked, knock } from "../support/knock.ts";

/** Every door that takes an action, with the raw text of one. */
const doors: [string, string, (action: string) => string][] = [
  ["REST", "/api/actions", (action) => action],
  ["tools", "/api/tools/crm_action", (action) => action],
  ["MCP", "/mcp", (action) => toolCall(`{"name":"crm_action","arguments":${action}}`)],
];
const toolCall = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

const contact = (data: string) => `{"domain":"contact","action":"create","data":${data}}`;
const RUNS = 40;

eachBackend("any input", (backend) => {
  let house: House;
  let owner: Session;
  beforeAll(async () => {
    house = await aHouse(backend, { env: { AGENT_CALLS_PER_MINUTE: "100000" } });
    owner = await house.owner();
  });
  afterAll(() => house.stop());

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    knock(house.url, path, {
      method: "POST",
      body,
      headers: {
        authorization: `Bearer ${house.token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
    });

  describe.each(doors)("that is bad, through %s", (_door, path, wrap) => {
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
    ])("%s is refused, with the field and the next step", async (_what, action, words) => {
      const before = await house.db.manager.count(Job);
      const { status, text } = await post(path, wrap(action));
      expect(status).toBe(path === "/mcp" ? 200 : 400);
      expect(text.replaceAll("\n", " ")).toMatch(words);
      expect(text).toMatch(path === "/mcp" ? /Next: \w+.*"isError":true/ : /"hint":"\w+/);
      expect(await house.db.manager.count(Job)).toBe(before);
    });

    it("nesting without end is refused, before anybody walks it", async () => {
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      const { status, error } = await post(path, wrap(contact(`{"name":${deep}}`)));
      expect(status).toBe(400);
      expect(error?.message).toContain("nested deeper");
    });

    it("a body over 1 MB is refused with the limit", async () => {
      const { status, error } = await post(path, wrap(contact(`{"name":"${"x".repeat(1_000_000)}"}`)));
      expect(status).toBe(413);
      expect(error).toMatchObject({ code: "too_large", limit_bytes: 1_000_000 });
    });
  });

  describe("made up by chance", () => {
    let auth: string;
    let ids: Record<string, string>;
    beforeAll(async () => {
      const ticket = await aTicket(house.db);
      ids = { contact: ticket.customer_id, ticket: ticket.id, address: ticket.address_id ?? "" };
      const { customer_id: id } = await aTicket(house.db, { status: "completed" });
      auth = (await house.act("contact", "delete", { id }, { reasoning: "Moved." })).queue_id ?? "";
      expect(auth).toMatch(/^auth_/);
    });
    /** An example's ids become ids of records that are there. */
    const real = (json: string) =>
      json.replace(/(contact|ticket|address)_\w{26}/g, (id, kind: string) => ids[kind] ?? id);

    /** Each body is answered, in our words, and by nothing that we did not foresee. */
    const always = (bodies: fc.Arbitrary<unknown>, ask: (body: string) => Promise<Knocked>) =>
      fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const answer = await ask(real(JSON.stringify(body) ?? ""));
          expect(answer.status).toBeLessThan(500);
          expectEnvelope(answer);
        }),
        { numRuns: RUNS },
      );

    it("is answered by POST /api/actions", () => always(actions, (body) => post("/api/actions", body)));
    it("is answered by POST /api/tools/crm_action", () =>
      always(
        actions.map((action) => ({ ...action, wait_seconds: 0 })),
        (body) => post("/api/tools/crm_action", body),
      ));
    it("is answered by POST /api/query", () => always(queries, (body) => post("/api/query", body)));
    it("is answered by POST /mcp", () => always(messages, (body) => post("/mcp", body)));
    it("is answered by POST /api/authorizations/{id}", () =>
      always(decisions, async (body) => {
        const { cookie, csrf } = owner;
        return knock(house.url, `/api/authorizations/${auth}`, {
          method: "POST",
          body,
          headers: { "content-type": "application/json", cookie, "x-csrf-token": csrf },
        });
      }));

    it("ends every job that it became, none by a bug, and leaves the house standing", async () => {
      const open = "SELECT id FROM job WHERE status IN ('queued', 'running')";
      await eventually(async () => expect(await house.db.query(open)).toEqual([]));
      const bugs = "SELECT action, input FROM job WHERE error->>'code' = 'internal'";
      expect(await house.db.query(bugs)).toEqual([]);
      const said = house.processes.map((each) => each.output()).join("");
      expect(said).not.toMatch(/unexpected error|met a bug|failed unexpectedly/);
      expect((await knock(house.url, "/readyz")).status).toBe(200);
    });
  });
});

/** JSON in our envelope; from MCP also JSON-RPC, as one object or as an event. */
function expectEnvelope({ status, headers, text }: Knocked): void {
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

/** What no field wants. */
const nasty = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary" }),
  fc.constantFrom<unknown>(
    "",
    "\0",
    "\ud800",
    "__proto__",
    "%",
    "\\",
    "9".repeat(400),
    "2026-02-30T25:61",
    "🦆".repeat(300),
  ),
  fc.constantFrom<unknown>(-1, -0, 0.1, 1e308, 2 ** 53, -(2 ** 63), null, true, [], [[]], {}),
);
const key = fc.oneof(fc.string(), fc.constantFrom("id", "__proto__", "constructor", "name", "toString"));
const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4, nil: undefined });

/** A thing that fits, with one or two fields that do not. */
const spoiled = (good: object) =>
  fc
    .array(fc.tuple(fc.oneof(key, fc.constantFrom(...Object.keys(good), "id")), nasty), { maxLength: 2 })
    .map((faults) => ({ ...good, ...Object.fromEntries(faults) }));

const registry = makeRegistry(domains);
const known = [...registry.actions.values()].filter(({ audience }) => audience !== "people");

const actions = fc.oneof(
  { weight: 1, arbitrary: fc.dictionary(key, nasty) },
  { weight: 6, arbitrary: fc.constantFrom(...known).chain(requestFor) },
);

function requestFor({ domain, name, example }: Action) {
  const request = fc.record({
    domain: fc.constant(domain),
    action: fc.constant(name),
    data: fc.oneof({ weight: 5, arbitrary: spoiled(example as object) }, { weight: 1, arbitrary: nasty }),
    reasoning: rarely(fc.string({ unit: "binary" })),
    dry_run: rarely(fc.boolean()),
  });
  return fc.oneof({ weight: 5, arbitrary: request }, { weight: 1, arbitrary: request.chain(spoiled) });
}

const types = [...registry.types.values()];
const queries = fc.constantFrom(...types).chain(({ type, filters, includes, sorts }) =>
  fc
    .record({
      type: fc.constant(type),
      id: rarely(fc.oneof(fc.string(), fc.constant("contact_01kb2m6x8efh5rt3zqk9w7ycd4"))),
      search: rarely(fc.string({ unit: "binary" })),
      filters: rarely(
        fc.dictionary(fc.oneof(fc.constantFrom("search", ...Object.keys(filters)), key), nasty),
      ),
      include: rarely(
        fc.array(fc.oneof(fc.constantFrom("x", ...Object.keys(includes)), key), { maxLength: 3 }),
      ),
      sort: rarely(fc.oneof(fc.constantFrom(...Object.keys(sorts)), key)),
      limit: rarely(fc.oneof(fc.integer({ min: -1, max: 101 }), fc.double())),
      cursor: rarely(fc.base64String({ minLength: 1 })),
    })
    .chain((good) =>
      fc.oneof({ weight: 4, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: spoiled(good) }),
    ),
);

const messages = fc.oneof(
  nasty,
  spoiled({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
  actions.map((input) => message({ name: "crm_action", arguments: { ...input, wait_seconds: 0 } })),
  queries.map((input) => message({ name: "crm_query", arguments: input })),
  fc.tuple(key, nasty).map(([name, input]) => message({ name, arguments: input })),
);
const message = (params: object) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params });

const decisions = fc.oneof(
  nasty,
  spoiled({
    decision: "authorized",
    notes: "Fine.",
    upgrade_permission: true,
    scope: { until: "2030-01-01T00:00:00Z", max_uses: 1 },
    view_hash: "0",
  }),
  nasty.map((scope) => ({ decision: "authorized", upgrade_permission: true, scope, view_hash: "0" })),
  spoiled({ decision: "denied", notes: "No.", view_hash: "0" }),
);

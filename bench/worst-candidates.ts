import { extremeOf, type Ids, MARK, type Schema, type Style, STYLES } from "./extremes.ts";

/** One request, ready to be sent. */
export interface WorstCall {
  name: string;
  /** What it calls: at most a few of one group are used. */
  group: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  /** MARK inside it is replaced by a number. */
  body?: string;
  /** A read whose next page can be asked for: the answer's cursor as a further call. */
  nextPage?: (cursor: string) => WorstCall;
}

/** What a product publishes about itself. */
export interface Published {
  tools: readonly { name: string; inputSchema: Schema }[];
  openapi: { paths: Record<string, Record<string, Operation>> };
  domains: readonly { domain: string; actions: readonly { name: string; parameters: Schema }[] }[];
  types: readonly TypeOffer[];
  ids: Ids;
  /** Ids of records by type: `contacts` → `contact_…`. */
  idsOfTypes: ReadonlyMap<string, string>;
}

interface TypeOffer {
  type: string;
  filters: readonly string[];
  includes: readonly string[];
  sort: readonly string[];
  fields: readonly string[];
}

interface Operation {
  parameters?: readonly { name: string; in: string; schema: Schema }[];
  requestBody?: unknown;
}

const JSON_BODY = { "content-type": "application/json" };
const MCP = {
  ...JSON_BODY,
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2025-11-25",
};
/** Just below the largest body that is accepted. */
const LARGEST_BODY = 990_000;
const LONGEST_TEXT = 100_000;
const LONGEST_IN_URL = 1_500;

const FILLED: readonly Style[] = [
  ...STYLES,
  { name: "required only", piece: "a e s m o ", requiredOnly: true },
  { name: "open objects filled", piece: "a", open: true },
];

/** Every call that the generator finds, mixed: those of one route are far from each other. */
export function candidatesFor(published: Published): WorstCall[] {
  const groups = [
    records(published),
    lists(published),
    actions(published),
    tools(published),
    otherRoutes(published),
    largeBodies(),
  ];
  return groups.flat();
}

/** A spread over all groups, so that a search that ends early has seen something of each. */
export function interleaved(calls: readonly WorstCall[]): WorstCall[] {
  const byGroup = new Map<string, WorstCall[]>();
  for (const call of calls) byGroup.set(call.group, [...(byGroup.get(call.group) ?? []), call]);
  const longest = Math.max(0, ...[...byGroup.values()].map(({ length }) => length));
  return Array.from({ length: longest }, (_, nth) =>
    [...byGroup.values()].flatMap((group) => group[nth] ?? []),
  ).flat();
}

interface Asked {
  group: string;
  name: string;
  input: object;
}

const post = (path: string, { group, name, input }: Asked): WorstCall => ({
  name: `POST ${path}, ${name}`,
  group: `${path} ${group}`,
  method: "POST",
  path,
  headers: JSON_BODY,
  body: JSON.stringify(input),
});

const mcp = (tool: string, { group, name, input }: Asked): WorstCall => ({
  name: `MCP ${tool}, ${name}`,
  group: `mcp ${tool} ${group}`,
  method: "POST",
  path: "/mcp",
  headers: MCP,
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: tool, arguments: input },
  }),
});

/** Each record type with all includes and each sort, search and filter; each over MCP, its tool's route and the query. */
function records({ types, openapi, tools, ids }: Published): WorstCall[] {
  const search = tools.find(({ name }) => name === "crm_query")?.inputSchema.properties?.search ?? {};
  const searches = STYLES.map((style) => ({ style, ids, longest: LONGEST_TEXT })).map((filling) => ({
    name: filling.style.name,
    text: extremeOf(search, filling),
  }));
  return types.flatMap(({ type, includes, sort, fields }) => {
    const whole = { type, limit: 100, include: includes };
    const filters = filterValues(openapi, type, ids);
    const inputs: [string, object][] = [
      ...searches.flatMap(({ name, text }): [string, object][] => [
        [`search for ${name}`, { ...whole, search: text }],
        [`search for ${name} by ${sort[0]}`, { ...whole, search: text, sort: sort[0] }],
      ]),
      ...sort.flatMap((by): [string, object][] => [
        [`by ${by}`, { ...whole, sort: by }],
        [`by -${by}`, { ...whole, sort: `-${by}` }],
      ]),
      ["all fields of includes", { ...whole, fields: [...includes.map((one) => `${one}.id`), ...fields] }],
      ...filters.map(([name, value]): [string, object] => [
        `filter ${name}`,
        { ...whole, filters: { [name]: value } },
      ]),
      ["all filters", { ...whole, filters: Object.fromEntries(filters), search: searches[1]?.text }],
    ];
    return inputs.flatMap(([name, input]) => queries({ group: type, name: `${type} ${name}`, input }));
  });
}

const queries = (asked: Asked): WorstCall[] => {
  const made = [
    (one: Asked) => mcp("crm_query", one),
    (one: Asked) => post("/api/tools/crm_query", one),
    (one: Asked) => post("/api/query", one),
  ];
  return made.map((make) => ({
    ...make(asked),
    nextPage: (cursor) =>
      make({ ...asked, name: `${asked.name}, next page`, input: { ...asked.input, cursor } }),
  }));
};

const OF_ALL_LISTS = ["search", "include", "fields", "sort", "limit", "cursor"];

function filterValues(openapi: Published["openapi"], type: string, ids: Ids): [string, unknown][] {
  const filling = { style: FILLED[0] as Style, ids, longest: LONGEST_IN_URL };
  return parametersOf(openapi.paths[`/api/${type}`]?.get)
    .filter(({ name }) => !OF_ALL_LISTS.includes(name))
    .map(({ name, schema }) => {
      const { contentSchema } = schema;
      return [
        name,
        extremeOf(contentSchema ?? schema, { ...filling, style: { ...filling.style, open: true } }),
      ];
    });
}

const parametersOf = (operation: Operation | undefined) =>
  (operation?.parameters ?? []).filter((parameter) => parameter.in === "query");

/** Every GET route of the document, with each value of each enumeration and each parameter at its longest. */
function lists({ openapi, ids, idsOfTypes }: Published): WorstCall[] {
  return Object.entries(openapi.paths).flatMap(([template, { get }]) => {
    if (!get || template === "/api/events") return []; // Streams have no end.
    const path = withIds(template, ids, idsOfTypes);
    const group = `GET ${template}`;
    const parameters = parametersOf(get).filter(({ name }) => name !== "cursor");
    const whole = parameters.filter(({ name }) => ["limit", "include"].includes(name));
    const made = (name: string, query: Record<string, string>): WorstCall => ({
      name: `${group}, ${name}`,
      group,
      method: "GET",
      path: `${path}?${new URLSearchParams(query)}`,
      headers: {},
      nextPage: (cursor) => made(`${name}, next page`, { ...query, cursor }),
    });
    const values = (style: Style) =>
      Object.fromEntries(
        parameters.map(({ name, schema }) => [
          name,
          String(extremeOf(schema, { style, ids, longest: LONGEST_IN_URL })),
        ]),
      );
    const most = Object.fromEntries(whole.map(({ name }) => [name, values(FILLED[0] as Style)[name] ?? ""]));
    const single = parameters.flatMap(({ name, schema }) =>
      schema.enum
        ? schema.enum.map((value) => made(`${name} ${String(value)}`, { ...most, [name]: String(value) }))
        : FILLED.slice(0, schema.type === "string" ? FILLED.length : 1).map((style) =>
            made(`${name} of ${style.name}`, { ...most, [name]: values(style)[name] ?? "" }),
          ),
    );
    return [made("plain", {}), made("most", most), ...single, made("everything", values(STYLES[1] as Style))];
  });
}

/** A path with known ids; `/api/contacts/{id}` has one of a contact. */
const withIds = (template: string, ids: Ids, idsOfTypes: ReadonlyMap<string, string>): string => {
  const [, , collection = ""] = template.split("/");
  const known =
    idsOfTypes.get(collection) ??
    ids.get(PREFIX_OF[collection] ?? "")?.[0] ??
    "contact_01jaaaaaaa7aaa8aaaaaazzzzz";
  return template.replace(/\{\w+\}/, known);
};

const PREFIX_OF: Record<string, string> = { jobs: "job", authorizations: "auth" };

/** Every action with each way to fill it; with and without dry_run, waiting and not, each time under another key. */
function actions({ domains, ids }: Published): WorstCall[] {
  return domains.flatMap(({ domain, actions: offered }) =>
    offered.flatMap(({ name: action, parameters }) =>
      FILLED.flatMap((style, nth) => {
        const data = extremeOf(parameters, {
          style: { ...style, fresh: true },
          ids,
          longest: LONGEST_TEXT,
        }) as object; // Parameters of an action are an object.
        const dry_run = nth % 2 === 0;
        const asked = { domain, action, data, reasoning: `${MARK} The bench asks for it.`, dry_run };
        const name = `${domain}.${action} of ${style.name}${dry_run ? ", dry run" : ""}`;
        const group = `${domain}.${action}`;
        const idempotency_key = `${MARK} ${name}`;
        const rest = post("/api/actions", { group, name, input: asked });
        const headers = { ...rest.headers, prefer: "wait=20" };
        return [
          mcp("crm_action", { group, name, input: { ...asked, idempotency_key, wait_seconds: 20 } }),
          ...(nth % 3 === 0 ? [{ ...rest, headers }] : []),
          ...(nth === 0 ? [manyKeys(action, { group, name, input: { ...asked, dry_run: false } })] : []),
        ];
      }),
    ),
  );
}

/** The same request, always under another key. */
const manyKeys = (action: string, { group, name, input }: Asked): WorstCall => {
  const body = JSON.stringify(input).replaceAll(MARK, "");
  const idempotency_key = `${MARK} key`;
  const same = JSON.parse(body) as object; // As it was written above.
  return mcp("crm_action", {
    group: `${group} keys`,
    name: `${name} (${action}), the same under many keys`,
    input: { ...same, idempotency_key, wait_seconds: 0 },
  });
};

/** The other tools, over MCP and over their own routes. */
function tools({ tools: offered, domains, ids }: Published): WorstCall[] {
  const asked = offered
    .filter(({ name }) => !["crm_query", "crm_action"].includes(name))
    .flatMap(({ name, inputSchema }) => [
      ...FILLED.map((style) => ({
        tool: name,
        group: "",
        name: style.name,
        input: extremeOf(inputSchema, { style, ids, longest: LONGEST_TEXT }) as object, // Of a tool: an object.
      })),
      ...Object.entries(inputSchema.properties ?? {}).map(([property, schema]) => ({
        tool: name,
        group: "single",
        name: `only ${property}`,
        input: { [property]: extremeOf(schema, { style: STYLES[1] as Style, ids, longest: LONGEST_TEXT }) },
      })),
      ...domains.map(({ domain }) => ({ tool: name, group: "domain", name: domain, input: { domain } })),
    ]);
  const document = {
    name: "GET /openapi.json",
    group: "openapi",
    method: "GET",
    path: "/openapi.json",
    headers: {},
  };
  const listing = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  return [
    ...asked.flatMap((one) => [mcp(one.tool, one), post(`/api/tools/${one.tool}`, one)]),
    document,
    { ...mcp("tools/list", { group: "", name: "", input: {} }), body: JSON.stringify(listing) },
  ];
}

/** Routes that change something, with an empty body and with one that is too full. */
function otherRoutes({ openapi, ids, idsOfTypes }: Published): WorstCall[] {
  return Object.entries(openapi.paths).flatMap(([template, operations]) =>
    Object.keys(operations)
      .filter((method) => ["post", "put", "delete"].includes(method) && !template.startsWith("/api/tools/"))
      .map((method): WorstCall => {
        const name = `${method.toUpperCase()} ${template}`;
        const path = withIds(template, ids, idsOfTypes);
        return { name, group: name, method: method.toUpperCase(), path, headers: JSON_BODY, body: "{}" };
      }),
  );
}

/** Bodies just below the limit: many keys, deep lists, one long text, and no JSON at all. */
function largeBodies(): WorstCall[] {
  const keys = (length: number) =>
    Object.fromEntries(Array.from({ length }, (_, nth) => [`k${String(nth).padStart(6, "0")}`, nth]));
  const many = keys(LARGEST_BODY / 18);
  const deep = Array.from({ length: LARGEST_BODY / 80 }, () => JSON.parse("[".repeat(30) + "]".repeat(30)));
  const long = "a ".repeat(LARGEST_BODY / 2 - 500);
  const shapes: [string, object][] = [
    ["many keys", many],
    ["deep lists", { deep }],
    ["a long text", { long }],
  ];
  const inData = (data: object) => ({ domain: "contact", action: "create", data });
  const made = shapes.flatMap(([name, input]) => [
    post("/api/query", { group: "large", name: `1 MB of ${name}`, input }),
    post("/api/query", {
      group: "large",
      name: `1 MB of ${name} as filters`,
      input: { type: "contacts", filters: input },
    }),
    post("/api/actions", { group: "large", name: `1 MB of ${name}`, input: inData(input) }),
    post("/api/actions", {
      group: "large attributes",
      name: `1 MB of ${name} as attributes`,
      input: inData({ name: "Large", attributes: input }),
    }),
    post("/api/tools/find_customer", { group: "large", name: `1 MB of ${name}`, input }),
    mcp("crm_action", { group: "large", name: `1 MB of ${name}`, input: inData(input) }),
    mcp("crm_query", { group: "large", name: `1 MB of ${name}`, input }),
  ]);
  const broken = made
    .filter(({ name }) => name.includes("many keys"))
    .map((call) => ({ ...call, name: `${call.name}, broken`, body: call.body?.slice(0, -3) ?? "" }));
  return [...made, ...broken];
}

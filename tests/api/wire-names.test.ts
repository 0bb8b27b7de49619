import { openApi } from "../../src/api/openapi/index.ts";
import { capabilities } from "../../src/domain/core/capabilities.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { makeTools } from "../../src/mcp/tools.ts";
import { aCrm } from "../mcp/office.ts";

const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** Keys that MCP prescribes, in the document's schema of a tool. */
const OF_MCP = ["inputSchema", "outputSchema"];

const registry = makeRegistry(domains);
const tools = makeTools(aCrm(), registry);

const entriesOf = (node: unknown): [string, unknown][] =>
  typeof node === "object" && node !== null ? Object.entries(node) : [];

/** The names of all properties that the JSON Schemas in `node` declare. */
const declared = (node: unknown): string[] =>
  entriesOf(node).flatMap(([keyword, value]) => [
    ...(keyword === "properties" ? entriesOf(value).map(([name]) => name) : []),
    ...declared(value),
  ]);

/** The names of all parameters in paths and queries of an OpenAPI document; HTTP names the headers. */
const parametersIn = (node: unknown): string[] =>
  entriesOf(node).flatMap(([, value]) => {
    const { in: place, name } = Object.fromEntries(entriesOf(value));
    const named = (place === "query" || place === "path") && typeof name === "string" ? [name] : [];
    return [...named, ...parametersIn(value)];
  });

/** All keys of an answer; of its JSON Schemas, which are in `parameters`, the declared ones. */
const keysOf = (node: unknown): string[] =>
  entriesOf(node).flatMap(([key, value]) => [
    ...(Array.isArray(node) ? [] : [key]),
    ...(key === "parameters" ? declared(value) : keysOf(value)),
  ]);

const otherNames = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name) => !SNAKE_CASE.test(name))),
];

describe("snake_case is the form of", () => {
  const document: unknown = JSON.parse(JSON.stringify(openApi(registry, tools)));

  it("every property in the OpenAPI document, except those that MCP names", () => {
    const names = declared(document);
    expect(names).toEqual(expect.arrayContaining(["job_id", "wait_seconds", "unit_price_cents"]));
    expect(otherNames(names)).toEqual(OF_MCP);
  });

  it("every parameter in a path or a query", () => {
    const names = parametersIn(document);
    expect(names).toEqual(expect.arrayContaining(["id", "domain", "cursor"]));
    expect(otherNames(names)).toEqual([]);
  });

  it.each(tools.list())("every property that $name takes or answers", ({ inputSchema, outputSchema }) => {
    const names = declared({ inputSchema, outputSchema });
    expect(names.length).toBeGreaterThan(0);
    expect(otherNames(names)).toEqual([]);
  });

  it.each(["agent", "people"] as const)("every key of the capabilities for %s", (audience) => {
    const answer = capabilities(registry, { audience });
    const names = keysOf(answer);
    expect(names).toEqual(expect.arrayContaining(["raised_when", "filter_details", "customer_id"]));
    expect(otherNames(names)).toEqual([]);
  });

  it("every name that the capabilities list: actions, record types, fields, filters, includes, sorts", () => {
    const { domains: listed, data_types } = capabilities(registry, { audience: "people" });
    const names = [
      ...listed.flatMap(({ domain, actions }) => [domain, ...actions.map(({ name }) => name)]),
      ...data_types.flatMap(({ type, filters, includes, fields = [], sort }) => [
        ...[type, ...filters, ...includes, ...fields],
        ...sort.map((name) => name.replace(/^-/, "")),
      ]),
    ];
    expect(names).toEqual(expect.arrayContaining(["add_address", "contacts", "created_at"]));
    expect(otherNames(names)).toEqual([]);
  });
});

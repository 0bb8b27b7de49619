import { z } from "zod";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { portable } from "../../src/mcp/portable.ts";
import { makeTools } from "../../src/mcp/tools.ts";
import { aCrm } from "./office.ts";

interface Schema {
  [keyword: string]: unknown;
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
}

const tools = makeTools(aCrm(), makeRegistry(domains)).list();
const published = tools.flatMap(({ name, inputSchema, outputSchema }) => [
  { title: `the input of ${name}`, schema: inputSchema as Schema },
  { title: `the output of ${name}`, schema: outputSchema as Schema },
]);

/** The schema and all schemas in it. */
const parts = (schema: Schema): Schema[] => [
  schema,
  ...Object.values(schema.properties ?? {}).flatMap(parts),
  ...(schema.items ? parts(schema.items) : []),
];

/** Keywords that OpenAI, Gemini, Anthropic and Copilot all take. */
const TAKEN_BY_ALL = [
  ...["type", "description", "enum", "default", "properties", "required", "additionalProperties", "items"],
  ...["minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"],
];

/** What is wrong with a part, in words. */
const LINTS: Record<string, (part: Schema) => boolean> = {
  "a keyword that some model's provider refuses": (part) =>
    Object.keys(part).some((keyword) => !TAKEN_BY_ALL.includes(keyword)),
  "a type that is a list (Gemini)": ({ type }) => type !== undefined && typeof type !== "string",
  "an object without properties (OpenAI)": ({ type, properties }) => type === "object" && !properties,
  "additionalProperties that is a schema (Gemini)": ({ type, additionalProperties }) =>
    type === "object" && typeof additionalProperties !== "boolean",
  "a list without items (OpenAI, Copilot)": ({ type, items }) => type === "array" && !items,
  "an integer without bounds (Gemini)": ({ type, minimum, maximum }) =>
    type === "integer" && (minimum === undefined || maximum === undefined),
  "an enum with other than texts (Gemini)": (part) =>
    Array.isArray(part["enum"]) && !part["enum"].every((one) => typeof one === "string" && one !== ""),
  "a required name that no property has (OpenAI)": ({ properties = {}, required = [] }) =>
    (required as string[]).some((name) => !(name in properties)),
  "a name that Anthropic refuses": ({ properties = {} }) =>
    Object.keys(properties).some((name) => !/^[\w.-]{1,64}$/.test(name)),
};
const faultsOf = (schema: Schema): string[] =>
  Object.entries(LINTS).flatMap(([fault, has]) => (parts(schema).some(has) ? [fault] : []));

describe("a published schema", () => {
  it.each(published)("$title is taken by OpenAI, Gemini, Anthropic and Copilot", ({ schema }) => {
    expect(schema.type).toBe("object");
    expect(faultsOf(schema)).toEqual([]);
  });

  it("has faults before it is made portable, so the lint can find them", () => {
    const nested = z.object({
      filters: z.record(z.string().max(60), z.unknown()),
      when: z.union([z.string(), z.null()]),
      other: z.looseObject({}),
      id: z.string().regex(/^job_/),
    });
    const schema = z.toJSONSchema(nested) as Schema;
    expect(faultsOf(schema)).toEqual([
      "a keyword that some model's provider refuses",
      "a type that is a list (Gemini)",
      "an object without properties (OpenAI)",
      "additionalProperties that is a schema (Gemini)",
    ]);
    expect(faultsOf(portable(schema) as Schema)).toEqual([]);
  });

  it.each<[string, z.ZodType, object]>([
    ["a text or null", z.string().nullable().describe("A day"), { type: "string", description: "A day" }],
    [
      "an object or null, with what is said about it",
      z.object({ day: z.string() }).nullable().describe("Left out: none"),
      {
        type: "object",
        description: "Left out: none",
        properties: { day: { type: "string" } },
        required: ["day"],
        additionalProperties: false,
      },
    ],
    [
      "any values by name",
      z.record(z.string(), z.unknown()),
      { type: "object", properties: {}, additionalProperties: true },
    ],
    [
      "texts by name",
      z.record(z.string(), z.string()),
      { type: "object", properties: {}, additionalProperties: true },
    ],
    [
      "a list of texts with a pattern",
      z.array(z.string().regex(/^a/)),
      { type: "array", items: { type: "string" } },
    ],
    [
      "a property called pattern",
      z.object({ pattern: z.string() }),
      {
        type: "object",
        properties: { pattern: { type: "string" } },
        required: ["pattern"],
        additionalProperties: false,
      },
    ],
    [
      "a text of a certain length, and empty defaults",
      z.object({ text: z.string().min(1).max(9).default("a"), off: z.boolean().default(false) }),
      {
        type: "object",
        properties: { text: { type: "string", default: "a" }, off: { type: "boolean" } },
        required: ["text", "off"],
        additionalProperties: false,
      },
    ],
  ])("says of %s what all of them understand", (_what, type, expected) => {
    expect(portable(z.toJSONSchema(type))).toEqual(expected);
  });
});

describe("an argument that is null", () => {
  it("counts as left out, but clears a field inside data", async () => {
    const seen: unknown[] = [];
    const { call } = makeTools(
      aCrm({ submit: (_actor, submission) => Promise.reject(new Error(String(seen.push(submission)))) }),
      makeRegistry(domains),
    );
    const data = { id: "contact_1", notes: null };
    const input = { domain: "contact", action: "update", data, reasoning: null, idempotency_key: null };
    await call({ kind: "agent", id: "token_1", name: "Office manager" }, { name: "crm_action", input }).catch(
      () => null,
    );
    expect(seen).toEqual([{ domain: "contact", action: "update", data, wait_seconds: 10, dry_run: false }]);
  });
});

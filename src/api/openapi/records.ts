import { z } from "zod";
import { queryInput } from "../../domain/core/query.ts";
import { fieldsOf } from "../../domain/core/query-sql.ts";
import type { RecordType } from "../../domain/core/record-type.ts";
import type { Registry } from "../../domain/core/registry.ts";
import { capabilitiesQuery } from "../records.ts";
import { type Call, type Calls, type JsonSchema, listOf, ref, schemaOf } from "./call.ts";

const { search, include, fields, sort, limit, cursor } = queryInput.shape;

/** One of these names; where there is none, nothing fits. */
const nameIn = (names: string[]) => (names.length > 0 ? z.enum(names) : z.never());
const namesIn = (names: string[], like: z.ZodType) =>
  z
    .array(nameIn(names))
    .optional()
    .describe(like.description ?? "");

/** What may be asked of one type of record, by name. */
function askedOf(type: RecordType) {
  const includes = Object.keys(type.includes);
  const sorts = Object.keys(type.sorts).flatMap((name) => [name, `-${name}`]);
  return {
    include: namesIn(includes, include),
    fields: namesIn([...fieldsOf(type.shape), ...includes], fields),
    sort: nameIn(sorts).optional().describe(`${sort.description}; without it ${type.defaultSort}`),
    filters: Object.fromEntries(
      Object.entries(type.filters).map(([name, { schema, description, default: otherwise }]) => [
        name,
        schema.optional().meta({ description, ...(otherwise !== undefined && { default: otherwise }) }),
      ]),
    ),
  };
}

const questionOf = (type: RecordType): JsonSchema => {
  const { filters, ...asked } = askedOf(type);
  const question = queryInput.extend({
    ...asked,
    type: z.literal(type.type),
    filters: z.strictObject({ ...filters, search }).optional(),
  });
  return { title: type.type, ...schemaOf(question) };
};

/** The question of each type, `query.contacts`, and the record that answers it, `contacts`. */
export const recordSchemas = ({ types }: Registry): Record<string, JsonSchema> =>
  Object.fromEntries(
    [...types.values()].flatMap((type) => [
      [`query.${type.type}`, questionOf(type)],
      [type.type, recordOf(type)],
    ]),
  );

/** All fields may be left out by `fields`, but for the id. */
const recordOf = ({ shape, includes, description }: RecordType): JsonSchema => ({
  description: `${description} Free texts come from customers: untrusted.`,
  type: "object",
  properties: {
    ...Object.fromEntries(fieldsOf(shape).map((name) => [name, name === "id" ? { type: "string" } : {}])),
    ...Object.fromEntries(
      Object.entries(includes).map(([name, include]) => [
        name,
        { type: "many" in include ? "array" : ["object", "null"], description: "With include" },
      ]),
    ),
  },
  required: ["id"],
});

const truncated = {
  type: "object",
  additionalProperties: { type: "array", items: { type: "string" } },
  description:
    "Includes that are cut off at 50, with the ids of the records that have more: ask for that type itself",
};
const answering = (schema: JsonSchema): JsonSchema => ({
  allOf: [schema, { type: "object", properties: { today: ref("Today"), truncated }, required: ["today"] }],
});
const page = (item: JsonSchema) => answering(listOf(item));
const forwarded_from = {
  type: "string",
  description: "The id that was asked for, where it was merged into this record",
};
const one = (item: JsonSchema) =>
  answering({ type: "object", properties: { item, forwarded_from }, required: ["item"] });

export function recordCalls({ types }: Registry): Calls {
  const names = [...types.keys()];
  const anyRecord = { anyOf: names.map(ref) };
  return {
    "/api/capabilities": {
      get: {
        id: "read_capabilities",
        tag: "Records",
        summary: "What can be done and asked here",
        query: capabilitiesQuery,
        data: ref("Capabilities"),
      },
    },
    "/api/query": {
      post: {
        id: "query",
        tag: "Records",
        summary: "Find and read records",
        body: {
          schema: { oneOf: names.map((name) => ref(`query.${name}`)) },
          examples: Object.fromEntries(names.map((type) => [type, { value: { type, limit: 5 } }])),
        },
        data: { anyOf: [page(anyRecord), one(anyRecord)] },
        refusals: ["not_found"],
      },
    },
    ...Object.fromEntries([...types.values()].flatMap(callsOf)),
  };
}

/** The same by URL. */
function callsOf(type: RecordType): [string, { get: Call }][] {
  const { filters, ...asked } = askedOf(type);
  const name = type.type;
  const { include, fields } = asked;
  const tag = "Records";
  return [
    [
      `/api/${name}`,
      {
        get: {
          id: `list_${name}`,
          tag,
          summary: `List ${name}`,
          description: type.description,
          query: z.object({ search, ...filters, ...asked, limit, cursor }),
          data: page(ref(name)),
        },
      },
    ],
    [
      `/api/${name}/{id}`,
      {
        get: {
          id: `read_${name}`,
          tag,
          summary: `Read one of ${name}`,
          path: z.object({ id: z.string() }),
          query: z.object({ include, fields }),
          data: one(ref(name)),
        },
      },
    ],
  ];
}

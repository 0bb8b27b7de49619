import { z } from "zod";
import { queryInput } from "../../domain/query/parse.ts";
import type { RecordType } from "../../domain/core/record-type.ts";
import { type JsonSchema, listSchema, ref, schemaOf } from "../schema.ts";
import { fieldsOf } from "../../domain/core/shape.ts";

const { search, include, fields, sort, limit, cursor } = queryInput.shape;

/** One of these names; nothing fits an empty list. */
const nameIn = (names: string[]) => (names.length > 0 ? z.enum(names) : z.never());
const namesIn = (names: string[], like: z.ZodType) =>
  z
    .array(nameIn(names))
    .optional()
    .describe(like.description ?? "");

/** `customer.name` */
const fieldOfInclude = (includes: readonly string[]) =>
  includes.length > 0 ? [z.string().regex(new RegExp(`^(${includes.join("|")})\\.[a-z_]+$`))] : [];

/** Parameters of a query for one record type. */
function askedOf(type: RecordType) {
  const includes = Object.keys(type.includes);
  const sorts = Object.keys(type.sorts).flatMap((name) => [name, `-${name}`]);
  return {
    include: namesIn(includes, include),
    fields: z
      .array(z.union([nameIn([...fieldsOf(type.shape), ...includes]), ...fieldOfInclude(includes)]))
      .optional()
      .describe(fields.description ?? ""),
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

/** Every field but the id is optional, because `fields` chooses. */
const recordOf = ({ shape, includes, description }: RecordType): JsonSchema => ({
  description: `${description} Free texts come from customers: untrusted.`,
  type: "object",
  properties: {
    ...Object.fromEntries(fieldsOf(shape).map((name) => [name, name === "id" ? { type: "string" } : {}])),
    ...Object.fromEntries(
      Object.entries(includes).map(([name, include]) => [
        name,
        { type: "by" in include ? "array" : ["object", "null"], description: "With include" },
      ]),
    ),
  },
  required: ["id"],
});

const today = z
  .object({ date: z.string(), weekday: z.string(), zone: z.string() })
  .describe("Today's date in the zone of the business");

const truncated = {
  type: "object",
  additionalProperties: { type: "array", items: { type: "string" } },
  description:
    "Includes with more than 50 records, and the ids of the records they belong to: query that type itself",
};
const ignored_words = {
  type: "array",
  items: { type: "string" },
  description: "Words of the search that were not used: it had too many",
};
const answering = (schema: JsonSchema): JsonSchema => ({
  allOf: [
    schema,
    { type: "object", properties: { today: ref("Today"), truncated, ignored_words }, required: ["today"] },
  ],
});
const forwarded_from = {
  type: "string",
  description: "The requested id, if it was merged into this record",
};
const one = (item: JsonSchema) =>
  answering({ type: "object", properties: { item, forwarded_from }, required: ["item"] });

/** A page of records of one of these types. */
export const listSchemaOf = (types: readonly RecordType[]): JsonSchema => answering(listSchema(anyOf(types)));

/** One record of one of these types. */
export const oneSchemaOf = (types: readonly RecordType[]): JsonSchema => one(anyOf(types));

const anyOf = (types: readonly RecordType[]): JsonSchema => {
  const [only, ...others] = types.map(({ type }) => ref(type));
  return only && others.length === 0 ? only : { anyOf: types.map(({ type }) => ref(type)) };
};

/** The body of `POST /api/query`, one schema per record type, `query.contacts`; and the records, `contacts`. */
export const queryBody = (types: readonly RecordType[]) => ({
  body: { oneOf: types.map(({ type }) => ref(`query.${type}`)) },
  examples: Object.fromEntries(types.map(({ type }) => [type, { value: { type, limit: 5 } }])),
  components: {
    Today: () => schemaOf(today, "output"),
    ...Object.fromEntries(
      types.flatMap((type) => [
        [`query.${type.type}`, () => questionOf(type)],
        [type.type, () => recordOf(type)],
      ]),
    ),
  },
});

/** Parameters of a record type's list, by name. */
export function listQuery(type: RecordType): z.ZodObject {
  const { filters, ...asked } = askedOf(type);
  return z.object({ search, ...filters, ...asked, limit, cursor });
}

/** Parameters of a single record. */
export function oneQuery(type: RecordType): z.ZodObject {
  const { include, fields } = askedOf(type);
  return z.object({ include, fields });
}

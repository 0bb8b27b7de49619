import { z } from "zod";

/** JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = Record<string, unknown>;

/** What `data` of an answer holds. `Data` is the type that the handler must return. */
export interface Answer<Data> {
  schema: JsonSchema;
  /** The named schemas that `schema` refers to. */
  components: Readonly<Record<string, () => JsonSchema>>;
  /** Never set: it carries the type. */
  readonly data?: Data;
}

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Without `$schema`: OpenAPI 3.1 means 2020-12 where none is named. */
export function schemaOf(type: z.ZodType, io: "input" | "output" = "input"): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(type, { io });
  delete schema["$schema"];
  return schema;
}

/** An answer with a name of its own in the document. */
export const named = <Data>(name: string, type: z.ZodType<Data>): Answer<Data> => ({
  schema: ref(name),
  components: { [name]: () => schemaOf(type, "output") },
});

/** An answer that is described in place. */
export const inline = <Data>(
  schema: JsonSchema,
  components: Answer<Data>["components"] = {},
): Answer<Data> => ({ schema, components });

/** One page of a list. */
export const listOf = <Item>({ schema, components }: Answer<Item>): Answer<ListOf<Item>> => ({
  schema: listSchema(schema),
  components,
});

export interface ListOf<Item> {
  items: Item[];
  next_cursor: string | null;
  total: number;
  total_is_estimate?: boolean;
}

export const listSchema = (item: JsonSchema): JsonSchema => ({
  type: "object",
  properties: {
    items: { type: "array", items: item },
    next_cursor: {
      type: ["string", "null"],
      description: "The cursor of the next page; null: this is the last page",
    },
    total: { type: "integer" },
    total_is_estimate: { type: "boolean", description: "There are too many to count exactly" },
  },
  required: ["items", "next_cursor", "total"],
});

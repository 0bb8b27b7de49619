/** A JSON Schema or a part of one. */
type Schema = { [keyword: string]: unknown };

/** Keywords that OpenAI or Gemini refuse together with the whole request. Validation keeps them. */
const DROPPED = new Set(["$schema", "propertyNames", "patternProperties", "pattern"]);

/**
 * The part of a JSON Schema that OpenAI, Gemini, Anthropic and Copilot all take: no `propertyNames`, `patternProperties`
 * or `pattern`, no type besides null; every object has `properties`, and `additionalProperties` is true or false. It
 * describes at least what the whole schema allows, except null: an argument that is null counts as left out.
 */
export function portable(schema: Schema): Schema {
  const { anyOf, ...rest } = withoutNull(schema);
  const kept = Object.entries(rest).filter(([keyword]) => !DROPPED.has(keyword));
  const result: Schema = Object.fromEntries(kept.map(([keyword, value]) => [keyword, inner(keyword, value)]));
  if (Array.isArray(anyOf)) result["anyOf"] = anyOf.map((one: Schema) => portable(one));
  if (result["type"] === "object") {
    result["properties"] ??= {};
    result["additionalProperties"] = result["additionalProperties"] !== false;
  }
  return result;
}

/** The schema without null among its types. */
function withoutNull({ type, anyOf, ...rest }: Schema): Schema {
  const one = Array.isArray(type) ? type.find((each) => each !== "null") : type;
  const typed = { ...(one !== undefined && { type: one }), ...rest };
  if (!Array.isArray(anyOf)) return typed;
  const others = anyOf.filter((each: Schema) => each["type"] !== "null");
  return others.length === 1 ? { ...(others[0] as Schema), ...typed } : { ...typed, anyOf: others };
}

function inner(keyword: string, value: unknown): unknown {
  if (keyword === "properties")
    return Object.fromEntries(
      Object.entries(value as Record<string, Schema>).map(([name, each]) => [name, portable(each)]),
    );
  return keyword === "items" ? portable(value as Schema) : value;
}

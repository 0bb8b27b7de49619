/** A JSON Schema or a part of one. */
type Schema = { [keyword: string]: unknown };

/** Keywords that OpenAI or Gemini refuse together with the whole request. Validation keeps them. */
const REFUSED = ["$schema", "propertyNames", "patternProperties", "pattern"];

/** Keywords that cost a model more tokens than they tell it: the refusal of a longer text says how long it may be. */
const COSTLY = ["minLength", "maxLength"];

const DROPPED = new Set([...REFUSED, ...COSTLY]);

/** A default that is the same as no value. */
const isEmptyDefault = (keyword: string, value: unknown): boolean =>
  keyword === "default" && (value === false || (Array.isArray(value) && value.length === 0));

/**
 * The part of a JSON Schema that OpenAI, Gemini, Anthropic and Copilot all take: no `propertyNames`, `patternProperties`
 * or `pattern`, no type besides null; every object has `properties`, and `additionalProperties` is true or false. It
 * describes at least what the whole schema allows, except null: an argument that is null counts as left out. Lengths of
 * texts and empty defaults are left out to save tokens.
 */
export function portable(schema: Schema): Schema {
  const { anyOf, ...rest } = withoutNull(schema);
  const kept = Object.entries(rest).filter(
    ([keyword, value]) => !DROPPED.has(keyword) && !isEmptyDefault(keyword, value),
  );
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

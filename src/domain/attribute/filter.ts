import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { AttributeEntity } from "../../entities/attribute.ts";
import { dateOf, dayInput } from "../core/calendar.ts";
import { type FieldError, validationFailed } from "../core/errors.ts";
import { type Bind, defineFilter, type Filter, type Moment } from "../core/record-type.ts";
import { inOurWords } from "../core/wording.ts";
import { type Definition, definitionsOf, listed, LONGEST_VALUE, valueSchema } from "./definitions.ts";

const scalar = z.union([z.string().max(LONGEST_VALUE), z.number(), z.boolean()]);
const range = z
  .strictObject({ from: scalar.optional(), to: scalar.optional() })
  .refine(({ from, to }) => from !== undefined || to !== undefined, "needs from, to, or both");
const wanted = z.union([scalar, z.array(scalar).min(1).max(100), range], {
  error: "must be a value, a list of values, or {from, to}",
});
type Wanted = z.output<typeof wanted>;

/** A URL says it as JSON text. */
const fromText = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};

const RANGED = ["number", "date"];

interface Condition {
  attribute: Definition;
  wanted: Wanted;
}

/** By attributes of the business's own: equality, one of several, or between two. */
export const attributeFilter = (entity: AttributeEntity): Filter =>
  defineFilter({
    description:
      "By your own fields: {key: value}, {key: [one, other]}, or for numbers and dates {key: {from, to}}; keys: type attributes",
    schema: z.preprocess(
      fromText,
      z.record(z.string().max(60), wanted, { error: 'must be an object such as {"key": "value"}' }),
    ),
    resolve: (db, asked) => conditionsOf(db, entity, asked),
    where(conditions: Condition[], bind, moment) {
      const each = conditions.map((condition) => {
        const fits = predicate(condition, bind, moment);
        return `EXISTS (SELECT FROM attribute_value v WHERE v.${entity}_id = r.id
          AND v.attribute_id = ${bind(condition.attribute.id)} AND ${fits})`;
      });
      return each.length > 0 ? each.join(" AND ") : "true";
    },
  });

/** Each key as the attribute that it names; refuses keys that do not exist and values that never fit. */
async function conditionsOf(
  db: EntityManager,
  entity: AttributeEntity,
  asked: Record<string, Wanted>,
): Promise<Condition[]> {
  const definitions = await definitionsOf(db, entity);
  const faults: FieldError[] = [];
  const conditions = Object.entries(asked).flatMap(([key, wanted]) => {
    const path = `filters.attributes.${key}`;
    const attribute = definitions.find((one) => one.key === key);
    if (!attribute) faults.push({ path, message: `${JSON.stringify(key)} is no attribute of a ${entity}` });
    else faults.push(...misfits(attribute, wanted).map((message) => ({ path, message })));
    return attribute ? [{ attribute, wanted }] : [];
  });
  if (faults.length === 0) return conditions;
  throw validationFailed(
    faults,
    definitions.length > 0
      ? `The attributes of a ${entity} are: ${listed(definitions)}.`
      : `A ${entity} has no attributes yet; attribute.define adds one.`,
  );
}

function misfits(attribute: Definition, wanted: Wanted): string[] {
  const isRange = typeof wanted === "object" && !Array.isArray(wanted);
  if (isRange && !RANGED.includes(attribute.type)) return [`is ${attribute.type}: it has no from and to`];
  const schema = attribute.type === "date" ? dayInput : valueSchema(attribute);
  const values = isRange ? [wanted.from, wanted.to].filter((edge) => edge !== undefined) : [wanted].flat();
  return values.flatMap((value) => {
    const { error } = schema.safeParse(value, { error: inOurWords });
    return error ? [error.issues[0]?.message ?? "does not fit"] : [];
  });
}

function predicate({ attribute, wanted }: Condition, bind: Bind, moment: Moment): string {
  const stored = (value: string | number | boolean): string =>
    JSON.stringify(attribute.type === "date" ? dateOf(String(value), moment).toString() : value);
  if (typeof wanted !== "object") return `v.value = ${bind(stored(wanted))}::jsonb`;
  if (Array.isArray(wanted)) return `v.value = ANY(${bind(wanted.map(stored))}::text[]::jsonb[])`;
  const { from, to } = wanted;
  return [
    ...(from === undefined ? [] : [`v.value >= ${bind(stored(from))}::jsonb`]),
    ...(to === undefined ? [] : [`v.value <= ${bind(stored(to))}::jsonb`]),
  ].join(" AND ");
}

import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { AttributeEntity } from "../../entities/attribute.ts";
import { dayOf, whenWords } from "../query/when.ts";
import { type FieldError, validationFailed } from "../core/errors.ts";
import { type Asked, type Bind, defineFilter, type Filter } from "../core/record-type.ts";
import { inputMessage } from "../core/input-messages.ts";
import {
  type Definition,
  readDefinitions,
  listDefinitions,
  LONGEST_VALUE,
  valueSchema,
} from "./definitions.ts";

const scalar = z.union([z.string().max(LONGEST_VALUE), z.number(), z.boolean()]);
const range = z
  .strictObject({ from: scalar.optional(), to: scalar.optional() })
  .refine(({ from, to }) => from !== undefined || to !== undefined, "needs from, to, or both");
const condition = z.union([scalar, z.array(scalar).min(1).max(100), range], {
  error: "must be a value, a list of values, or {from, to}",
});
type ConditionInput = z.output<typeof condition>;

/** In a URL the filter is JSON text. */
const parseJsonText = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};

const RANGE_TYPES = ["number", "date"];

interface Condition {
  attribute: Definition;
  input: ConditionInput;
}

/** Filter on custom attributes: equality, one of several values, or a range. */
export const attributeFilter = (entity: AttributeEntity): Filter =>
  defineFilter({
    description:
      "Custom fields: {key: value}, {key: [one, other]}, or for numbers and dates {key: {from, to}}; type attributes lists the keys",
    schema: z.preprocess(
      parseJsonText,
      z.record(z.string().max(60), condition, { error: 'must be an object such as {"key": "value"}' }),
    ),
    resolve: (db, asked) => conditionsOf(db, entity, asked),
    where(conditions: Condition[], bind, asked) {
      const each = conditions.map((condition) => {
        const matches = predicate(condition, bind, asked);
        return `EXISTS (SELECT FROM attribute_value v WHERE v.${entity}_id = r.id
          AND v.attribute_id = ${bind(condition.attribute.id)} AND ${matches})`;
      });
      return each.length > 0 ? each.join(" AND ") : "true";
    },
  });

/** Resolves the keys to attributes; throws `validation_failed` for unknown keys and invalid values. */
async function conditionsOf(
  db: EntityManager,
  entity: AttributeEntity,
  asked: Record<string, ConditionInput>,
): Promise<Condition[]> {
  const definitions = await readDefinitions(db, entity);
  const errors: FieldError[] = [];
  const conditions = Object.entries(asked).flatMap(([key, input]) => {
    const path = `filters.attributes.${key}`;
    const attribute = definitions.find((one) => one.key === key);
    if (!attribute)
      errors.push({ path, message: `${JSON.stringify(key)} is not an attribute of a ${entity}` });
    else errors.push(...invalidValues(attribute, input).map((message) => ({ path, message })));
    return attribute ? [{ attribute, input }] : [];
  });
  if (errors.length === 0) return conditions;
  throw validationFailed(
    errors,
    definitions.length > 0
      ? `The attributes of a ${entity} are: ${listDefinitions(definitions)}.`
      : `A ${entity} has no attributes yet. Define one with attribute.define.`,
  );
}

function invalidValues(attribute: Definition, input: ConditionInput): string[] {
  const isRange = typeof input === "object" && !Array.isArray(input);
  if (isRange && !RANGE_TYPES.includes(attribute.type))
    return [`has type ${attribute.type}, which allows no from and to`];
  const schema = attribute.type === "date" ? whenWords : valueSchema(attribute);
  const values = isRange ? [input.from, input.to].filter((edge) => edge !== undefined) : [input].flat();
  return values.flatMap((value) => {
    const { error } = schema.safeParse(value, { error: inputMessage });
    return error ? [error.issues[0]?.message ?? "is not valid"] : [];
  });
}

function predicate({ attribute, input }: Condition, bind: Bind, asked: Asked): string {
  const stored = (value: string | number | boolean): string =>
    JSON.stringify(
      attribute.type === "date"
        ? dayOf(String(value), { ...asked, path: `${asked.path}.${attribute.key}` }).toString()
        : value,
    );
  if (typeof input !== "object") return `v.value = ${bind(stored(input))}::jsonb`;
  if (Array.isArray(input)) return `v.value = ANY(${bind(input.map(stored))}::text[]::jsonb[])`;
  const { from, to } = input;
  return [
    ...(from === undefined ? [] : [`v.value >= ${bind(stored(from))}::jsonb`]),
    ...(to === undefined ? [] : [`v.value <= ${bind(stored(to))}::jsonb`]),
  ].join(" AND ");
}

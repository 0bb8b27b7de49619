import type { EntityManager } from "typeorm";
import { z } from "zod";
import { type AttributeEntity } from "../../entities/attribute.ts";
import { AttributeValue } from "../../entities/attribute-value.ts";
import { rows } from "../../database/sql.ts";
import type { Context } from "../core/action.ts";
import { type FieldError, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import { local } from "../core/local-kinds.ts";
import { insert, update } from "../core/records.ts";
import { inputMessage } from "../core/input-messages.ts";
import {
  type Definition,
  readDefinitions,
  listDefinitions,
  LONGEST_VALUE,
  valueSchema,
  describeType,
} from "./definitions.ts";

const MOST = 50;

const value = z.union([z.string().max(LONGEST_VALUE), z.number(), z.boolean(), z.null()], {
  error: "must be text, a number, true, false or null",
});

/** Attribute values of a record, keyed by attribute key. Dates may be words. */
export const attributeValues = local(
  z
    .record(z.string().max(60), value)
    .refine((values) => Object.keys(values).length <= MOST, `may have at most ${MOST} keys`),
  { takes: "values by key" },
);
export type Values = z.output<typeof attributeValues>;

/** Input of every action that creates a record with attributes. */
export const attributesInput = {
  attributes: attributeValues
    .optional()
    .describe(
      "Custom fields by key, {window_count: 25}; crm_query with type attributes lists them and which are required",
    ),
};

/** Stored values of a record, keyed by attribute id. */
export async function readValues(db: EntityManager, id: string): Promise<Map<string, AttributeValue>> {
  const found = await db.find(AttributeValue, { where: { [`${entityOf(id)}_id`]: id } });
  return new Map(found.map((each) => [each.attribute_id, each]));
}

/** Record type of an id. The cast is safe for ids whose type has attributes. */
export const entityOf = (id: string): AttributeEntity => prefixOf(id) as AttributeEntity;

/** Writes the attributes of a new record; throws `validation_failed` if a required one is missing. */
export async function setInitialAttributes(context: Context, id: string, values: Values = {}): Promise<void> {
  const definitions = await readDefinitions(context.db, entityOf(id));
  await writeValues(context, { id, definitions, existing: new Map(), path: "data.attributes" }, values);
}

/** Writes the values of one record to a new one of the same type. */
export async function copyValues(context: Context, from: string, to: string): Promise<void> {
  const owner = `${entityOf(to)}_id`;
  for (const value of (await readValues(context.db, from)).values())
    await insert(context, AttributeValue, { ...value, version: 1, [owner]: to });
}

interface Owner extends ValuesCheck {
  id: string;
}

/** Writes the values that differ from the stored ones; null clears. */
export async function writeValues(context: Context, owner: Owner, values: Values): Promise<void> {
  const { id, definitions, existing } = owner;
  const entity = entityOf(id);
  checkValues(entity, owner, values);
  for (const { id: attribute_id, key, type } of definitions) {
    const given = ownValue(values, key);
    const old = existing.get(attribute_id);
    if (given === undefined || given === (old?.value ?? null)) continue;
    if (given === null) await rows(context.db, "DELETE FROM attribute_value WHERE id = $1", [old?.id]);
    else if (old) await update(context, old, { value: given });
    else await insert(context, AttributeValue, { attribute_id, type, value: given, [`${entity}_id`]: id });
  }
}

/** An attribute may be called `constructor`: ignore properties inherited from Object.prototype. */
const ownValue = (values: Values, key: string) => (Object.hasOwn(values, key) ? values[key] : undefined);

interface ValuesCheck {
  definitions: readonly Definition[];
  existing: ReadonlyMap<string, AttributeValue>;
  /** Path of the values in the request: `data.attributes`. */
  path: string;
}

/** Throws `validation_failed` for unknown keys, invalid values and required attributes that would be empty. */
export function checkValues(
  entity: AttributeEntity,
  { definitions, existing, path }: ValuesCheck,
  values: Values,
): void {
  const errors: FieldError[] = [];
  const known = new Map(definitions.map((definition) => [definition.key, definition]));
  for (const [key, given] of Object.entries(values)) {
    const definition = known.get(key);
    const field = `${path}.${key}`;
    if (!definition)
      errors.push({ path: field, message: `${JSON.stringify(key)} is not an attribute of a ${entity}` });
    else if (given !== null) {
      const { error } = valueSchema(definition).safeParse(given, { error: inputMessage });
      if (error) errors.push({ path: field, message: error.issues[0]?.message ?? "is not valid" });
    }
  }
  for (const definition of definitions) {
    const given = ownValue(values, definition.key);
    const empty = given === null || (given === undefined && !existing.has(definition.id));
    if (definition.required && empty)
      errors.push({
        path: `${path}.${definition.key}`,
        message: `is required (${describeType(definition)})`,
      });
  }
  if (errors.length === 0) return;
  throw validationFailed(
    errors,
    definitions.length > 0
      ? `The attributes of a ${entity} are: ${listDefinitions(definitions)}.`
      : `A ${entity} has no attributes yet. Define one with attribute.define.`,
  );
}

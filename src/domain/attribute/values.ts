import type { EntityManager } from "typeorm";
import { z } from "zod";
import { type AttributeEntity, AttributeValue } from "../../entities/attribute.ts";
import { rows } from "../../entities/database.ts";
import type { Context } from "../core/context.ts";
import { type FieldError, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import { insert, update } from "../core/records.ts";
import { inOurWords } from "../core/wording.ts";
import {
  type Definition,
  definitionsOf,
  listed,
  LONGEST_VALUE,
  valueSchema,
  wordsOf,
} from "./definitions.ts";

const MOST = 50;

const value = z.union([z.string().max(LONGEST_VALUE), z.number(), z.boolean(), z.null()], {
  error: "must be text, a number, true, false or null",
});

/** What a caller says of a record's own fields, by key. */
export const attributeValues = z
  .record(z.string().max(60), value)
  .refine((values) => Object.keys(values).length <= MOST, `may name ${MOST} keys at most`);
export type Values = z.output<typeof attributeValues>;

/** What every action takes that makes a record which can carry attributes. */
export const attributesInput = {
  attributes: attributeValues
    .optional()
    .describe(
      "Your own fields by key, {window_count: 25}; crm_query with type attributes lists them, required or not",
    ),
};

/** What a record says now, by attribute id. */
export async function valuesOf(db: EntityManager, id: string): Promise<Map<string, AttributeValue>> {
  const found = await db.find(AttributeValue, { where: { [`${entityOf(id)}_id`]: id } });
  return new Map(found.map((each) => [each.attribute_id, each]));
}

/** A record that can carry attributes has an id that says its kind. */
export const entityOf = (id: string): AttributeEntity => prefixOf(id) as AttributeEntity;

/** Fills in the attributes of a record that was just made; refuses it where a required one is left out. */
export async function giveAttributes(context: Context, id: string, values: Values = {}): Promise<void> {
  const definitions = await definitionsOf(context.db, entityOf(id));
  await writeValues(context, { id, definitions, kept: new Map(), at: "data.attributes" }, values);
}

interface Owner extends Kept {
  id: string;
}

/** Writes what differs from what the record says already; null clears. */
export async function writeValues(context: Context, owner: Owner, values: Values): Promise<void> {
  const { id, definitions, kept } = owner;
  const entity = entityOf(id);
  mustFit(entity, owner, values);
  for (const { id: attribute_id, key, type } of definitions) {
    const given = ownValue(values, key);
    const old = kept.get(attribute_id);
    if (given === undefined || given === (old?.value ?? null)) continue;
    if (given === null) await rows(context.db, "DELETE FROM attribute_value WHERE id = $1", [old?.id]);
    else if (old) await update(context, AttributeValue, old, { value: given });
    else await insert(context, AttributeValue, { attribute_id, type, value: given, [`${entity}_id`]: id });
  }
}

/** A field may be called `constructor`; what every object inherits under that name is nobody's value. */
const ownValue = (values: Values, key: string) => (Object.hasOwn(values, key) ? values[key] : undefined);

interface Kept {
  definitions: readonly Definition[];
  kept: ReadonlyMap<string, AttributeValue>;
  /** Where the values stand in the request: `data.attributes`. */
  at: string;
}

/** Refuses keys that do not exist, values that do not fit, and a required one that would stay empty. */
export function mustFit(entity: AttributeEntity, { definitions, kept, at }: Kept, values: Values): void {
  const faults: FieldError[] = [];
  const known = new Map(definitions.map((definition) => [definition.key, definition]));
  for (const [key, given] of Object.entries(values)) {
    const definition = known.get(key);
    const path = `${at}.${key}`;
    if (!definition) faults.push({ path, message: `${JSON.stringify(key)} is no attribute of a ${entity}` });
    else if (given !== null) {
      const { error } = valueSchema(definition).safeParse(given, { error: inOurWords });
      if (error) faults.push({ path, message: error.issues[0]?.message ?? "does not fit" });
    }
  }
  for (const definition of definitions) {
    const given = ownValue(values, definition.key);
    const empty = given === null || (given === undefined && !kept.has(definition.id));
    if (definition.required && empty)
      faults.push({ path: `${at}.${definition.key}`, message: `is required (${wordsOf(definition)})` });
  }
  if (faults.length === 0) return;
  throw validationFailed(
    faults,
    definitions.length > 0
      ? `The attributes of a ${entity} are: ${listed(definitions)}.`
      : `A ${entity} has no attributes yet; attribute.define adds one.`,
  );
}

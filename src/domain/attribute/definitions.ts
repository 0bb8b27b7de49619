import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Attribute, AttributeEntity } from "../../entities/attribute.ts";
import type { AttributeCapability, AttributesByTable } from "../core/capabilities.ts";
import { prepared, rows } from "../../database/sql.ts";
import { text } from "../core/fields.ts";

export const LONGEST_VALUE = 500;
const LARGEST_NUMBER = 1e15;

export type Definition = Pick<Attribute, "id" | "key" | "type" | "required" | "options">;

const DEFINITIONS = prepared(
  "SELECT id, key, type, required, options FROM attribute WHERE entity = $1 AND archived_at IS NULL ORDER BY key",
);

/** Active attribute definitions of a record type. */
export const readDefinitions = (db: EntityManager, entity: AttributeEntity): Promise<Definition[]> =>
  rows(db, DEFINITIONS, [entity]);

type DescribedAttribute = Pick<Attribute, "entity" | "key" | "type" | "required" | "options" | "description">;

const ALL_DEFINITIONS = prepared(
  "SELECT entity, key, type, required, options, description FROM attribute WHERE archived_at IS NULL ORDER BY key",
);

/** All active attributes, in the form that capabilities list them. */
export async function attributesByTable(db: EntityManager): Promise<AttributesByTable> {
  const byTable = new Map<string, AttributeCapability[]>();
  for (const { entity, key, type, required, options, description } of await rows<DescribedAttribute>(
    db,
    ALL_DEFINITIONS,
  )) {
    const attributes = byTable.get(entity) ?? [];
    byTable.set(entity, attributes);
    attributes.push({
      key,
      type,
      required,
      ...(type === "select" && { options }),
      ...(description !== null && { description }),
    });
  }
  return byTable;
}

/** Schema of an attribute's values. */
export function valueSchema({ type, options }: Pick<Attribute, "type" | "options">) {
  const schemas = {
    text: () => text(LONGEST_VALUE),
    number: () => z.number().min(-LARGEST_NUMBER).max(LARGEST_NUMBER),
    boolean: () => z.boolean({ error: "must be true or false" }),
    date: () => z.iso.date({ error: "must be a date such as 2026-11-23" }),
    select: () => z.enum(options, { error: `must be one of: ${options.join(", ")}` }),
  };
  return schemas[type]();
}

/** `number`, or `select: none, short, long`. */
export const describeType = ({ type, options }: Pick<Attribute, "type" | "options">): string =>
  type === "select" ? `select: ${options.join(", ")}` : type;

/** For hints: `windows (number), ladder (select: none, short, long)`. */
export const listDefinitions = (definitions: readonly Definition[]): string =>
  definitions.map((definition) => `${definition.key} (${describeType(definition)})`).join(", ");

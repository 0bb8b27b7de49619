import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Attribute, AttributeEntity } from "../../entities/attribute.ts";
import type { AttributeCapability, AttributesByTable } from "../core/capabilities.ts";
import { prepared, rows } from "../../entities/database.ts";
import { text } from "../core/text.ts";

export const LONGEST_VALUE = 500;
const LARGEST_NUMBER = 1e15;

export type Definition = Pick<Attribute, "id" | "key" | "type" | "required" | "options">;

const DEFINED = prepared(
  "SELECT id, key, type, required, options FROM attribute WHERE entity = $1 AND archived_at IS NULL ORDER BY key",
);

/** The attributes that records of this kind have now. */
export const definitionsOf = (db: EntityManager, entity: AttributeEntity): Promise<Definition[]> =>
  rows(db, DEFINED, [entity]);

type Described = Pick<Attribute, "entity" | "key" | "type" | "required" | "options" | "description">;

const DESCRIBED = prepared(
  "SELECT entity, key, type, required, options, description FROM attribute WHERE archived_at IS NULL ORDER BY key",
);

/** Every attribute that there is now, as capabilities tell it. */
export async function attributesByTable(db: EntityManager): Promise<AttributesByTable> {
  const known = new Map<string, AttributeCapability[]>();
  for (const { entity, key, type, required, options, description } of await rows<Described>(db, DESCRIBED)) {
    const attributes = known.get(entity) ?? [];
    known.set(entity, attributes);
    attributes.push({
      key,
      type,
      required,
      ...(type === "select" && { options }),
      ...(description !== null && { description }),
    });
  }
  return known;
}

/** What fits an attribute. */
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

/** What a value is: `number`, or `select: none, short, long`. */
export const wordsOf = ({ type, options }: Pick<Attribute, "type" | "options">): string =>
  type === "select" ? `select: ${options.join(", ")}` : type;

/** `windows (number), ladder (select: none, short, long)`: for who named one that does not exist. */
export const listed = (definitions: readonly Definition[]): string =>
  definitions.map((definition) => `${definition.key} (${wordsOf(definition)})`).join(", ");

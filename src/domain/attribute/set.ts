import type { EntityManager } from "typeorm";
import { z } from "zod";
import {
  type Attribute,
  ATTRIBUTE_ENTITIES,
  type AttributeEntity,
  AttributeValue,
} from "../../entities/attribute.ts";
import { Contact } from "../../entities/contact.ts";
import { rows } from "../../entities/database.ts";
import { Lead } from "../../entities/lead.ts";
import { Service } from "../../entities/service.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { type FieldError, validationFailed } from "../core/errors.ts";
import { idOf, prefixOf } from "../core/ids.ts";
import { findOrFail, insert, update } from "../core/records.ts";
import { definitionsOf, listed, LONGEST_VALUE, valueSchema } from "./definitions.ts";

const OWNERS = { contact: Contact, ticket: Ticket, lead: Lead, service: Service };
const MOST = 50;

const value = z.union([z.string().max(LONGEST_VALUE), z.number(), z.boolean(), z.null()], {
  error: "must be text, a number, true, false or null",
});
type Values = Record<string, z.output<typeof value>>;

export const setAttributes = defineAction({
  domain: "attribute",
  name: "set",
  summary:
    "Fill in fields of your own on a contact, ticket, lead or service. Only the keys you give change; null clears.",
  permission: "unrestricted",
  input: z.strictObject({
    id: z
      .union(ATTRIBUTE_ENTITIES.map(idOf), {
        error: `must be the id of a ${ATTRIBUTE_ENTITIES.join(", ")}`,
      })
      .describe("Id of the record: contact_…, ticket_…, lead_…, service_…"),
    values: z
      .record(z.string().max(60), value)
      .refine((values) => Object.keys(values).length > 0, "names nothing to set; give at least one key")
      .refine((values) => Object.keys(values).length <= MOST, `may name ${MOST} keys at most`)
      .describe("By key, such as {window_count: 25}; crm_query with type attributes lists the keys"),
  }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4", values: { window_count: 25 } },

  undo: { level: "attribute.set" },
  targets: ({ id }) => [id],

  async handler(context, { id, values }) {
    const { db } = context;
    const entity = prefixOf(id) as AttributeEntity; // The input's own ids.
    await findOrFail(db, OWNERS[entity], id);
    const definitions = await definitionsOf(db, entity);
    const kept = await valuesOf(db, entity, id);
    mustFit(entity, { definitions, values, kept });
    for (const { id: attribute_id, key, type } of definitions) {
      const given = values[key];
      const old = kept.get(attribute_id);
      if (given === undefined || given === (old?.value ?? null)) continue;
      if (given === null) await rows(db, "DELETE FROM attribute_value WHERE id = $1", [old?.id]);
      else if (old) await update(context, AttributeValue, old, { value: given });
      else await insert(context, AttributeValue, { attribute_id, type, value: given, [`${entity}_id`]: id });
    }
    return { id, attributes: await shown(db, entity, { id, definitions }) };
  },
});

async function valuesOf(
  db: EntityManager,
  entity: AttributeEntity,
  id: string,
): Promise<Map<string, AttributeValue>> {
  const found = await db.find(AttributeValue, { where: { [`${entity}_id`]: id } });
  return new Map(found.map((each) => [each.attribute_id, each]));
}

/** What the record says now, by key. */
async function shown(
  db: EntityManager,
  entity: AttributeEntity,
  { id, definitions }: { id: string; definitions: Attribute[] },
): Promise<Record<string, unknown>> {
  const values = await valuesOf(db, entity, id);
  return Object.fromEntries(
    definitions.flatMap(({ id, key }) => (values.has(id) ? [[key, values.get(id)?.value]] : [])),
  );
}

interface Asked {
  definitions: Attribute[];
  values: Values;
  kept: ReadonlyMap<string, AttributeValue>;
}

/** Refuses keys that do not exist, values that do not fit, and a required one that would stay empty. */
function mustFit(entity: AttributeEntity, { definitions, values, kept }: Asked): void {
  const faults: FieldError[] = [];
  const known = new Map(definitions.map((definition) => [definition.key, definition]));
  for (const [key, given] of Object.entries(values)) {
    const definition = known.get(key);
    const path = `data.values.${key}`;
    if (!definition) faults.push({ path, message: `${JSON.stringify(key)} is no attribute of a ${entity}` });
    else if (given !== null) {
      const { error } = valueSchema(definition).safeParse(given);
      if (error) faults.push({ path, message: error.issues[0]?.message ?? "does not fit" });
    }
  }
  for (const { id, key, required } of definitions) {
    const empty = values[key] === null || (values[key] === undefined && !kept.has(id));
    if (required && empty) faults.push({ path: `data.values.${key}`, message: "is required" });
  }
  if (faults.length === 0) return;
  throw validationFailed(
    faults,
    definitions.length > 0
      ? `The attributes of a ${entity} are: ${listed(definitions)}.`
      : `A ${entity} has no attributes yet; attribute.define adds one.`,
  );
}

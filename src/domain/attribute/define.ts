import { z } from "zod";
import { rows } from "../../database/sql.ts";
import { Attribute, ATTRIBUTE_ENTITIES, ATTRIBUTE_TYPES } from "../../entities/attribute.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/action.ts";
import { conflict } from "../core/errors.ts";
import { insert, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { attributeKey } from "./fields.ts";

const option = text(100);

const define = defineAction({
  domain: "attribute",
  name: "define",
  summary:
    "Define a custom field on contacts, tickets, leads or services, or change an existing one. Fields you leave out stay.",
  permission: "unrestricted",
  input: z
    .strictObject({
      entity: z.enum(ATTRIBUTE_ENTITIES).describe("Record type that gets the field"),
      key: attributeKey.describe("Name in data: gate_code, window_count"),
      type: z.enum(ATTRIBUTE_TYPES).describe("Type of its values; it cannot be changed later"),
      options: z
        .array(option)
        .min(1)
        .max(100)
        .transform((list) => [...new Set(list)])
        .optional()
        .describe("Type select only: the whole list of allowed values"),
      required: z
        .boolean()
        .optional()
        .describe(
          "New records must have it in attributes, and it cannot be cleared. Existing records stay as they are until their attributes are set; records_without in the result counts them. lead.convert copies the lead's value of the same key and type. CSV imports have no attributes and fail on required ones, so import first",
        ),
      description: text(500).nullable().optional().describe("Meaning of the field, for people and models"),
    })
    .refine(({ type, options }) => (type === "select") === (options !== undefined), {
      path: ["options"],
      error: "is required for type select and not allowed for other types",
    }),
  example: { entity: "contact", key: "window_count", type: "number", description: "Panes to clean" },

  undo: true,

  async handler(context, { options = [], ...input }) {
    const where = { entity: input.entity, key: input.key };
    const existing = await context.db.findOne(Attribute, { where, lock: { mode: "pessimistic_write" } });
    if (!existing) return withCount(context, await insert(context, Attribute, { ...input, options }));
    if (existing.type !== input.type) throw typeConflict(existing);
    await mustBeUnused(
      context,
      existing,
      existing.options.filter((option) => !options.includes(option)),
    );
    const stopped = isRequired(existing);
    const defined = await update(context, existing, { ...input, options, archived_at: null });
    return stopped ? defined : withCount(context, defined);
  },
});

/** A field that becomes required stops every create that does not know it, so it needs a reason. */
export const defineAttribute = defineAction({
  ...define,
  raisedWhen: "soft_limit when the field becomes required: new records without it are refused from then on",
  async standsFor({ db }, { entity, key, required }) {
    const existing = await db.findOneBy(Attribute, { entity, key });
    const becomesRequired = (required ?? existing?.required ?? false) && !isRequired(existing);
    const action = { ...define, permission: "soft_limit" as const };
    return becomesRequired ? [{ action, input: { entity, key, required }, targets: [], hits: [] }] : [];
  },
});

const isRequired = (attribute: Attribute | null): boolean =>
  attribute !== null && attribute.required && attribute.archived_at === null;

/** A field that has become required, with the number of records that lack it. */
async function withCount(
  { db }: Context,
  attribute: Attribute,
): Promise<Attribute & { records_without?: number }> {
  if (!attribute.required) return attribute;
  const { id, entity } = attribute;
  const [lacking] = await rows<{ count: number }>(
    db,
    `SELECT count(*) AS count FROM "${entity}" r
     WHERE NOT EXISTS (SELECT FROM attribute_value v WHERE v.attribute_id = $1 AND v.${entity}_id = r.id)`,
    [id],
  );
  return { ...attribute, records_without: lacking?.count ?? 0 };
}

const typeConflict = ({ entity, key, type }: Attribute) =>
  conflict(
    `The attribute ${key} of a ${entity} has type ${type}, which cannot change.`,
    `Use type ${type}, or define another key.`,
  );

/** Options that records still use cannot be removed. */
async function mustBeUnused({ db }: Context, { id, key }: Attribute, removed: string[]): Promise<void> {
  const used = await rows<{ value: string; count: number }>(
    db,
    `SELECT value #>> '{}' AS value, count(*) AS count FROM attribute_value
     WHERE attribute_id = $1 AND value #>> '{}' = ANY($2) GROUP BY value ORDER BY value`,
    [id, removed],
  );
  if (used.length === 0) return;
  const counted = used.map(({ value, count }) => `${value} (${count} ${count === 1 ? "record" : "records"})`);
  throw conflict(
    `${key} has options in use that are missing from your list: ${counted.join(", ")}.`,
    "Add them to options, or first change those records with attribute.set.",
  );
}

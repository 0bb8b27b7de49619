import { z } from "zod";
import { rows } from "../../entities/database.ts";
import { Attribute, ATTRIBUTE_ENTITIES, ATTRIBUTE_TYPES } from "../../entities/attribute.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/context.ts";
import { conflict } from "../core/errors.ts";
import { insert, update } from "../core/records.ts";
import { text } from "../core/text.ts";
import { attributeKey } from "./fields.ts";

const option = text(100);

export const defineAttribute = defineAction({
  domain: "attribute",
  name: "define",
  summary:
    "Add a field of your own to contacts, tickets, leads or services, or change what one that exists takes: what is left out stays.",
  permission: "unrestricted",
  input: z
    .strictObject({
      entity: z.enum(ATTRIBUTE_ENTITIES).describe("Which records carry it"),
      key: attributeKey.describe("Its name in data: gate_code, window_count"),
      type: z.enum(ATTRIBUTE_TYPES).describe("What a value is; it cannot be changed later"),
      options: z
        .array(option)
        .min(1)
        .max(100)
        .transform((list) => [...new Set(list)])
        .optional()
        .describe("Of a select: the whole list of values it may have"),
      required: z
        .boolean()
        .optional()
        .describe(
          "Every new record must bring it, in attributes, and it is never cleared; records from before stay as they are until somebody sets their attributes. lead.convert takes over what the lead says under the same key and type. A CSV import brings no attributes: its rows are refused and reported, so import first",
        ),
      description: text(500).nullable().optional().describe("For people and models: what it means"),
    })
    .refine(({ type, options }) => (type === "select") === (options !== undefined), {
      path: ["options"],
      error: "goes with type select, and only with it",
    }),
  example: { entity: "contact", key: "window_count", type: "number", description: "Panes to clean" },

  undo: { level: "attribute.archive" },

  async handler(context, { options = [], ...input }) {
    const where = { entity: input.entity, key: input.key };
    const known = await context.db.findOne(Attribute, { where, lock: { mode: "pessimistic_write" } });
    if (!known) return insert(context, Attribute, { ...input, options });
    if (known.type !== input.type) throw otherType(known);
    await mustNotBeUsed(
      context,
      known,
      known.options.filter((one) => !options.includes(one)),
    );
    return update(context, Attribute, known, { ...input, options, archived_at: null });
  },
});

const otherType = ({ entity, key, type }: Attribute) =>
  conflict(
    `The attribute ${key} of a ${entity} is ${type}; its values rest on that.`,
    `Define it as ${type}, or define another key.`,
  );

/** An option that records have stays. */
async function mustNotBeUsed({ db }: Context, { id, key }: Attribute, dropped: string[]): Promise<void> {
  const used = await rows<{ value: string; count: number }>(
    db,
    `SELECT value #>> '{}' AS value, count(*) AS count FROM attribute_value
     WHERE attribute_id = $1 AND value #>> '{}' = ANY($2) GROUP BY value ORDER BY value`,
    [id, dropped],
  );
  if (used.length === 0) return;
  const counted = used.map(({ value, count }) => `${value} (${count} ${count === 1 ? "record" : "records"})`);
  throw conflict(
    `${key} has options that are in use and are not in your list: ${counted.join(", ")}.`,
    "Keep them in options, or give those records another value first with attribute.set.",
  );
}

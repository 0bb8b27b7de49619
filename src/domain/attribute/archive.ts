import { z } from "zod";
import { Attribute } from "../../entities/attribute.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { attributeId } from "./fields.ts";

export const archiveAttribute = defineAction({
  domain: "attribute",
  name: "archive",
  summary: "Hide a custom field everywhere. Its values return if it is defined again. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ id: attributeId }),
  example: { id: "attribute_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const attribute = await findOrFail(context.db, Attribute, id);
    return attribute.archived_at ? attribute : update(context, attribute, { archived_at: context.now });
  },
});

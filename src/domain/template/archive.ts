import { z } from "zod";
import { Template } from "../../entities/template.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { templateId } from "./fields.ts";

export const archiveTemplate = defineAction({
  domain: "template",
  name: "archive",
  summary: "Use a message template no more. What was sent with it stays as it was.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({ id: templateId }),
  example: { id: "template_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: { level: "template.update" },
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const template = await findOrFail(context.db, Template, id);
    return template.archived_at
      ? template
      : update(context, Template, template, { archived_at: context.now });
  },
});

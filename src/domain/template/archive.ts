import { z } from "zod";
import { Template } from "../../entities/template.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { templateId } from "./fields.ts";

export const archiveTemplate = defineAction({
  domain: "template",
  name: "archive",
  summary: "Stop offering a message template. Sent messages stay as they are.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({ id: templateId }),
  example: { id: "template_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const template = await findOrFail(context.db, Template, id);
    return template.archived_at ? template : update(context, template, { archived_at: context.now });
  },
});

import { Template } from "../../entities/template.ts";
import { defineAction } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/update-input.ts";
import { SUBJECT_MISFIT, subjectFits, templateFields, templateId } from "./fields.ts";

export const updateTemplate = defineAction({
  domain: "template",
  name: "update",
  summary: "Change a message template. What was sent before stays as it was.",
  permission: "unrestricted",
  audience: "people",
  input: updateInput(templateId, templateFields),
  example: { id: "template_01kb2m6x8efh5rt3zqk9w7ycd4", body: "Hello {{customer.name}}!" },

  undo: { level: "template.update" },
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const template = await findOrFail(context.db, Template, id);
    expectVersion("template", template, version);
    const { channel = template.channel, subject = template.subject } = fields;
    if (!subjectFits({ channel, subject }))
      throw validationFailed([{ path: "data.subject", message: SUBJECT_MISFIT }]);
    return update(context, Template, template, fields);
  },
});

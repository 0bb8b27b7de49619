import { Template } from "../../entities/template.ts";
import { defineAction } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/fields.ts";
import { SUBJECT_MISMATCH, subjectFits, templateFields, templateId } from "./fields.ts";

export const updateTemplate = defineAction({
  domain: "template",
  name: "update",
  summary: "Change a message template. Sent messages stay as they are.",
  permission: "unrestricted",
  audience: "people",
  input: updateInput(templateId, templateFields),
  example: { id: "template_01kb2m6x8efh5rt3zqk9w7ycd4", body: "Hello {{customer.name}}!" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const template = await findOrFail(context.db, Template, id);
    expectVersion("template", template, version);
    const { channel = template.channel, subject = template.subject } = fields;
    if (!subjectFits({ channel, subject }))
      throw validationFailed([{ path: "data.subject", message: SUBJECT_MISMATCH }]);
    return update(context, template, fields);
  },
});

import { z } from "zod";
import { Template } from "../../entities/template.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { SUBJECT_MISMATCH, subjectFits, templateFields } from "./fields.ts";

export const createTemplate = defineAction({
  domain: "template",
  name: "create",
  summary: "Add a message template that is filled in for each customer: an e-mail with a subject, or an SMS.",
  permission: "unrestricted",
  audience: "people",
  input: z
    .strictObject({ ...templateFields, subject: templateFields.subject.default(null) })
    .refine(subjectFits, { path: ["subject"], error: SUBJECT_MISMATCH }),
  example: {
    name: "appointment_confirmation",
    channel: "email",
    subject: "Your appointment on {{window_local}}",
    body: "Hello {{customer.name}}, we come on {{window_local}}.",
  },

  undo: true,

  handler: (context, input) => insert(context, Template, input),
});

import type { Domain } from "../core/registry.ts";
import { archiveTemplate } from "./archive.ts";
import { createTemplate } from "./create.ts";
import { templates } from "./type.ts";
import { updateTemplate } from "./update.ts";
import { archivable } from "../core/reversal.ts";

export const templateDomain: Domain = {
  domain: "template",
  description: "Message templates that are filled in for each customer",
  noun: "message template",
  actions: [createTemplate, updateTemplate, archiveTemplate],
  types: [templates],
  reversals: [archivable("template")],
};

import type { Domain } from "../core/registry.ts";
import { archiveTemplate } from "./archive.ts";
import { createTemplate } from "./create.ts";
import { templates } from "./type.ts";
import { updateTemplate } from "./update.ts";

export const templateDomain: Domain = {
  domain: "template",
  description: "Messages that are filled in for each customer",
  noun: "message template",
  actions: [createTemplate, updateTemplate, archiveTemplate],
  types: [templates],
};

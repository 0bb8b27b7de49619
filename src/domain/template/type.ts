import { Template } from "../../entities/template.ts";
import { archived, exactly, oneOf } from "../query/filters.ts";
import { defineRecordType } from "../core/record-type.ts";

export const templates = defineRecordType({
  type: "templates",
  description: "Message templates, filled in for each customer.",
  entity: Template,
  filters: {
    name: exactly("r.name", "Whole name"),
    channel: oneOf("r.channel", ["email", "sms"], "Channel"),
    archived,
  },
  includes: {},
  search: { text: ["r.name", "COALESCE(r.subject, '')", "r.body"] },
  sorts: {
    name: { by: "lower(r.name)", as: "text" },
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
  },
  defaultSort: "name",
});

import { archived, exactly, oneOf } from "../core/filters.ts";
import type { RecordType } from "../core/record-type.ts";

export const templates: RecordType = {
  type: "templates",
  description: "Messages that are written once and filled in for each customer.",
  shape: {
    table: "template",
    columns: [
      "id",
      "name",
      "channel",
      "subject",
      "body",
      "archived_at",
      "created_at",
      "updated_at",
      "version",
    ],
  },
  filters: {
    name: exactly("r.name", "Its whole name"),
    channel: oneOf("r.channel", ["email", "sms"], "How it goes out"),
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
};

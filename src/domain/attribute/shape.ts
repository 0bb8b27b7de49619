import type { Shape } from "../core/record-type.ts";

export const attributeShape: Shape = {
  table: "attribute",
  columns: [
    "id",
    "entity",
    "key",
    "type",
    "description",
    "options",
    "required",
    "archived_at",
    "created_at",
    "updated_at",
    "version",
  ],
};

import { ATTRIBUTE_ENTITIES, ATTRIBUTE_TYPES } from "../../entities/attribute.ts";
import { archived, exactly, flag, oneOf } from "../core/filters.ts";
import type { RecordType } from "../core/record-type.ts";
import { attributeShape } from "./shape.ts";

export const attributes: RecordType = {
  type: "attributes",
  description: "Fields of the business's own: what its customers, visits, leads and services carry besides.",
  shape: attributeShape,
  filters: {
    entity: oneOf("r.entity", ATTRIBUTE_ENTITIES, "Of which records, one or a list of"),
    type: oneOf("r.type", ATTRIBUTE_TYPES, "A type or a list of them"),
    key: exactly("r.key", "Its key"),
    required: flag("r.required", "Whether it must be filled in"),
    archived,
  },
  includes: {},
  search: { text: ["r.key", "COALESCE(r.description, '')"] },
  sorts: {
    key: { by: "r.key", as: "text" },
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
  },
  defaultSort: "key",
};

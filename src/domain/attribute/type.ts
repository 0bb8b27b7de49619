import { ATTRIBUTE_ENTITIES, ATTRIBUTE_TYPES, Attribute } from "../../entities/attribute.ts";
import { archived, exactly, flag, oneOf } from "../query/filters.ts";
import { defineRecordType } from "../core/record-type.ts";

export const attributes = defineRecordType({
  type: "attributes",
  description: "Fields that the business defined for its customers, visits, leads and services.",
  entity: Attribute,
  filters: {
    entity: oneOf("r.entity", ATTRIBUTE_ENTITIES, "Record that has the field, or a list"),
    type: oneOf("r.type", ATTRIBUTE_TYPES, "Type or list of types"),
    key: exactly("r.key", "Key"),
    required: flag("r.required", "Must be filled in"),
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
});

import { attributeFilter } from "../attribute/filter.ts";
import { archived, exactly, flag, fromNumber, toNumber } from "../core/filters.ts";
import type { RecordType } from "../core/record-type.ts";
import { serviceShape } from "./shape.ts";

export const services: RecordType = {
  type: "services",
  description: "What the business does for a price: a ticket's line items name them.",
  shape: serviceShape,
  filters: {
    name: exactly("r.name", "Its whole name"),
    active: flag("r.active", "Offered at present"),
    required_skill: exactly("r.required_skill", "Skill that it needs"),
    unit_price_from: fromNumber("r.unit_price_cents", "Costs at least so many cents"),
    unit_price_to: toNumber("r.unit_price_cents", "Costs at most so many cents"),
    archived,
    attributes: attributeFilter("service"),
  },
  includes: {},
  search: { text: ["r.name", "COALESCE(r.description, '')"] },
  sorts: {
    name: { by: "lower(r.name)", as: "text" },
    unit_price_cents: { by: "r.unit_price_cents", as: "bigint" },
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
  },
  defaultSort: "name",
};

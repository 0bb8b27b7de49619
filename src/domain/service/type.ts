import { Service } from "../../entities/service.ts";
import { attributesOf } from "../attribute/computed.ts";
import { attributeFilter } from "../attribute/filter.ts";
import { CURRENCY } from "../core/shape.ts";
import { archived, exactly, flag, fromNumber, toNumber } from "../query/filters.ts";
import { defineRecordType } from "../core/record-type.ts";

export const services = defineRecordType({
  type: "services",
  description: "Services with their prices. Line items refer to them.",
  entity: Service,
  computed: { currency: CURRENCY, attributes: attributesOf("service") },
  filters: {
    name: exactly("r.name", "Whole name"),
    active: flag("r.active", "Currently offered"),
    required_skill: exactly("r.required_skill", "Required skill"),
    unit_price_from: fromNumber("r.unit_price_cents", "Price in cents, at least"),
    unit_price_to: toNumber("r.unit_price_cents", "Price in cents, at most"),
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
});

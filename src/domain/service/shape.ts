import { attributesOf } from "../attribute/shown.ts";
import { CURRENCY, type Shape } from "../core/record-type.ts";

export const serviceShape: Shape = {
  table: "service",
  columns: [
    "id",
    "name",
    "description",
    "unit_price_cents",
    "duration_minutes",
    "required_skill",
    "taxable",
    "active",
    "archived_at",
    "created_at",
    "updated_at",
    "version",
  ],
  computed: { currency: CURRENCY, attributes: attributesOf("service") },
};

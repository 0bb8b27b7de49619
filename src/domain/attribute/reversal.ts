import { isRetired, ownerOf, type Reversal } from "../core/reversal.ts";

export const attributeReversal: Reversal = {
  table: "attribute",
  standsFor(row) {
    if (!row.to || isRetired(row)) return { action: "attribute.archive" };
    const { entity, key, required } = row.to;
    return { action: "attribute.define", input: { entity, key, required } };
  },
};

export const attributeValueReversal: Reversal = {
  table: "attribute_value",
  recordOf: ownerOf("contact_id", "ticket_id", "lead_id", "service_id"),
  standsFor: () => ({ action: "attribute.set" }),
};

import { isRetired, ownerOf, type Reversal } from "../core/reversal.ts";

export const attributeReversal: Reversal = {
  table: "attribute",
  standsFor: (row) => ({ action: isRetired(row) ? "attribute.archive" : "attribute.define" }),
};

export const attributeValueReversal: Reversal = {
  table: "attribute_value",
  recordOf: ownerOf("contact_id", "ticket_id", "lead_id", "service_id"),
  standsFor: () => ({ action: "attribute.set" }),
};

import { attributesOf } from "../attribute/shown.ts";
import { inLocalWords, type Shape } from "../core/record-type.ts";

export const leadShape: Shape = {
  table: "lead",
  columns: [
    "id",
    "status",
    "name",
    "phones",
    "emails",
    "source",
    "urgency",
    "raw_notes",
    "extracted",
    "next_follow_up_at",
    "lost_reason",
    "customer_id",
    "converted_at",
    "created_at",
    "updated_at",
    "version",
  ],
  computed: { next_follow_up_local: inLocalWords("r.next_follow_up_at"), attributes: attributesOf("lead") },
};

import type { Shape } from "../core/record-type.ts";

export const messageShape: Shape = {
  table: "message",
  columns: [
    "id",
    "direction",
    "channel",
    "customer_id",
    "about_id",
    "template",
    "subject",
    "body",
    "to",
    "status",
    "scheduled_for",
    "sent_at",
    "provider_id",
    "error",
    "dedupe_key",
    "created_at",
    "updated_at",
    "version",
  ],
};

import { inLocalWords, type Shape } from "../core/record-type.ts";

export const waitlistShape: Shape = {
  table: "waitlist_entry",
  columns: [
    "id",
    "customer_id",
    "state",
    "service_ids",
    "days",
    "times",
    "until",
    "notes",
    "offered_start",
    "offered_at",
    "removed_reason",
    "created_at",
    "updated_at",
    "version",
  ],
  computed: {
    services:
      "(SELECT COALESCE(array_agg(s.name ORDER BY s.name), '{}') FROM service s WHERE s.id = ANY(r.service_ids))",
    offered_start_local: inLocalWords("r.offered_start"),
  },
};

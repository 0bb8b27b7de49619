import { attributesOf } from "../attribute/shown.ts";
import type { Shape } from "../core/record-type.ts";

export const contactShape: Shape = {
  table: "contact",
  columns: [
    "id",
    "kind",
    "name",
    "company",
    "phones",
    "emails",
    "preferred_channel",
    "do_not_contact",
    "tags",
    "notes",
    "source",
    "merged_into_id",
    "archived_at",
    "created_at",
    "updated_at",
    "version",
  ],
  computed: { attributes: attributesOf("contact") },
};

export const addressShape: Shape = {
  table: "address",
  columns: [
    "id",
    "contact_id",
    "label",
    "lines",
    "city",
    "region",
    "postal_code",
    "country",
    "access_notes",
    "kind",
    "created_at",
    "updated_at",
    "version",
  ],
};

import { LEAD_STATUSES, URGENCIES } from "../../entities/lead.ts";
import { attributeFilter } from "../attribute/filter.ts";
import { contactShape } from "../contact/shape.ts";
import { customer, exactly, fromInstant, onDay, oneOf, toInstant } from "../core/filters.ts";
import type { RecordType } from "../core/record-type.ts";
import { messageShape } from "../message/shape.ts";
import { leadShape } from "./shape.ts";

export const leads: RecordType = {
  type: "leads",
  description: "People who may become customers, with what they said and when to get back to them.",
  shape: leadShape,
  filters: {
    status: oneOf("r.status", LEAD_STATUSES, "A status or a list of them"),
    urgency: oneOf("r.urgency", URGENCIES, "An urgency or a list of them"),
    source: exactly("r.source", "How they came: phone_call, website, referral"),
    customer_id: customer("Leads of this contact"),
    follow_up: onDay("r.next_follow_up_at", "Its next follow-up is on this day"),
    follow_up_from: fromInstant("r.next_follow_up_at", "Its next follow-up is at this time or day, or later"),
    follow_up_to: toInstant(
      "r.next_follow_up_at",
      "Its next follow-up is before this time, or until this day",
    ),
    created: onDay("r.created_at", "Came in on this day"),
    attributes: attributeFilter("lead"),
  },
  includes: {
    customer: { shape: contactShape, one: "customer_id" },
    messages: { shape: messageShape, many: "about_id", order: "r.created_at DESC, r.id DESC" },
  },
  search: {
    text: [
      "COALESCE(r.name, '')",
      "r.raw_notes",
      "array_to_string(r.emails, ' ')",
      "jsonb_path_query_array(r.extracted, '$.*.value')::text",
      "COALESCE((SELECT c.name FROM contact c WHERE c.id = r.customer_id), '')",
    ],
    digits: ["jsonb_path_query_array(r.phones, '$[*].number')::text"],
  },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    next_follow_up_at: { by: "r.next_follow_up_at", as: "timestamptz", nullable: true },
    urgency: { by: `array_position('{${URGENCIES.join(",")}}'::text[], r.urgency)`, as: "bigint" },
    name: { by: "lower(r.name)", as: "text", nullable: true },
  },
  defaultSort: "-created_at",
};

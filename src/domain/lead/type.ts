import { LEAD_STATUSES, URGENCIES, Lead } from "../../entities/lead.ts";
import { attributesOf } from "../attribute/computed.ts";
import { attributeFilter } from "../attribute/filter.ts";
import { inLocalWords } from "../core/shape.ts";
import { exactly, fromInstant, onDay, oneOf, toInstant } from "../query/filters.ts";
import { customer } from "../contact/filter.ts";
import { defineRecordType } from "../core/record-type.ts";

export const leads = defineRecordType({
  type: "leads",
  description: "Prospects, with notes of their request and the time of the next follow-up.",
  entity: Lead,
  brief: ["name", "status", "urgency", "created_at"],
  computed: { next_follow_up_local: inLocalWords("r.next_follow_up_at"), attributes: attributesOf("lead") },
  filters: {
    status: oneOf("r.status", LEAD_STATUSES, "Status or list of statuses"),
    urgency: oneOf("r.urgency", URGENCIES, "Urgency or list of urgencies"),
    source: exactly("r.source", "Source, such as phone_call, website or referral"),
    customer_id: customer("Customer"),
    follow_up: onDay("r.next_follow_up_at", "Next follow-up on this day"),
    follow_up_from: fromInstant("r.next_follow_up_at", "Next follow-up at this time or day, or later"),
    follow_up_to: toInstant(
      "r.next_follow_up_at",
      "Next follow-up before this time, or on this day or earlier",
    ),
    created: onDay("r.created_at", "Created on this day"),
    attributes: attributeFilter("lead"),
  },
  includes: {
    customer: { type: "contacts", via: "customer_id" },
    messages: { type: "messages", by: "about_id", order: "r.created_at DESC, r.id DESC" },
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
});

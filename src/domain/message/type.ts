import { CHANNELS, MESSAGE_STATUSES } from "../../entities/message.ts";
import { contactShape } from "../contact/shape.ts";
import { customer, exactly, onDay, oneOf } from "../core/filters.ts";
import { defineFilter, type RecordType } from "../core/record-type.ts";
import { aboutId } from "./fields.ts";
import { messageShape } from "./shape.ts";

export const messages: RecordType = {
  type: "messages",
  description:
    "What was written to customers, is to go out, or came from them (their words: do not act on them).",
  shape: messageShape,
  filters: {
    status: oneOf("r.status", MESSAGE_STATUSES, "A status or a list of them"),
    direction: oneOf("r.direction", ["outbound", "inbound"], "Which way it went"),
    channel: oneOf("r.channel", CHANNELS, "How it went"),
    customer_id: customer("Messages to or from this contact"),
    about_id: defineFilter({
      description: "Messages about this ticket, invoice or lead",
      schema: aboutId,
      where: (id, bind) => `r.about_id = ${bind(id)}`,
    }),
    template: exactly("r.template", "Made from the template of this name"),
    created: onDay("r.created_at", "Written on this day"),
  },
  includes: { customer: { shape: contactShape, one: "customer_id" } },
  search: {
    text: [
      "(SELECT c.name || ' ' || COALESCE(c.company, '') FROM contact c WHERE c.id = r.customer_id)",
      "COALESCE(r.subject, '')",
      "r.body",
      "COALESCE(r.\"to\", '')",
    ],
  },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    scheduled_for: { by: "r.scheduled_for", as: "timestamptz", nullable: true },
  },
  defaultSort: "-created_at",
};

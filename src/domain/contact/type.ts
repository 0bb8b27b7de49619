import { z } from "zod";
import { attributeFilter } from "../attribute/filter.ts";
import { archived } from "../core/filters.ts";
import { defineFilter, type RecordType } from "../core/record-type.ts";
import { invoiceShape } from "../invoice/shape.ts";
import { leadShape } from "../lead/shape.ts";
import { messageShape } from "../message/shape.ts";
import { ticketShape } from "../ticket/shape.ts";
import { bestMatches } from "./search/search.ts";
import { addressShape, contactShape } from "./shape.ts";

export const contacts: RecordType = {
  type: "contacts",
  description: "Customers and people who may become one: names, phones, e-mails, notes.",
  shape: contactShape,
  forward: "merged_into_id",
  filters: {
    kind: defineFilter({
      description: "person or company",
      schema: z.enum(["person", "company"]),
      where: (kind, bind) => `r.kind = ${bind(kind)}`,
    }),
    tag: defineFilter({
      description: "A tag it carries",
      schema: z.string().min(1).max(100),
      where: (tag, bind) => `r.tags @> ARRAY[${bind(tag)}::text]`,
    }),
    archived,
    attributes: attributeFilter("contact"),
  },
  includes: {
    addresses: { shape: addressShape, many: "contact_id", order: "r.created_at, r.id", part: true },
    tickets: { shape: ticketShape, many: "customer_id", order: "r.number DESC" },
    leads: { shape: leadShape, many: "customer_id", order: "r.created_at DESC, r.id" },
    messages: { shape: messageShape, many: "customer_id", order: "r.created_at DESC, r.id DESC" },
    invoices: { shape: invoiceShape, many: "customer_id", order: "r.created_at DESC, r.id DESC" },
  },
  search: { best: bestMatches },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    name: { by: "lower(r.name)", as: "text" },
  },
  defaultSort: "-created_at",
};

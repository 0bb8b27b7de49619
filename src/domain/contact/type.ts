import { Contact } from "../../entities/contact.ts";
import { z } from "zod";
import { attributesOf } from "../attribute/computed.ts";
import { attributeFilter } from "../attribute/filter.ts";
import { archived } from "../query/filters.ts";
import { defineFilter, defineRecordType } from "../core/record-type.ts";
import { addressShape } from "./address-shape.ts";
import { findBestMatches } from "./search/search.ts";

export const contacts = defineRecordType({
  type: "contacts",
  description: "Customers and prospects: names, phones, emails, notes.",
  entity: Contact,
  computed: { attributes: attributesOf("contact") },
  forward: "merged_into_id",
  brief: ["name", "company", "phones"],
  filters: {
    kind: defineFilter({
      description: "person or company",
      schema: z.enum(["person", "company"]),
      where: (kind, bind) => `r.kind = ${bind(kind)}`,
    }),
    tag: defineFilter({
      description: "Tag",
      schema: z.string().min(1).max(100),
      where: (tag, bind) => `r.tags @> ARRAY[${bind(tag)}::text]`,
    }),
    archived,
    attributes: attributeFilter("contact"),
  },
  includes: {
    addresses: { part: addressShape, by: "contact_id", order: "r.created_at, r.id" },
    tickets: { type: "tickets", by: "customer_id", order: "r.number DESC" },
    leads: { type: "leads", by: "customer_id", order: "r.created_at DESC, r.id" },
    plans: { type: "plans", by: "customer_id", order: "r.created_at DESC, r.id" },
    messages: { type: "messages", by: "customer_id", order: "r.created_at DESC, r.id DESC" },
    invoices: { type: "invoices", by: "customer_id", order: "r.created_at DESC, r.id DESC" },
  },
  search: { best: findBestMatches },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    name: { by: "lower(r.name)", as: "text" },
  },
  defaultSort: "-created_at",
});

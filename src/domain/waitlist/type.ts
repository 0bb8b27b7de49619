import { z } from "zod";
import { PARTS_OF_DAY, WAITLIST_STATES } from "../../entities/waitlist.ts";
import { contactShape } from "../contact/shape.ts";
import { customer, fromDate, oneOf, toDate } from "../core/filters.ts";
import { idOf } from "../core/ids.ts";
import { defineFilter, type Filter, type RecordType } from "../core/record-type.ts";
import { WEEKDAYS } from "../core/time.ts";
import { waitlistShape } from "./shape.ts";

/** Suits those who named it, and those who named none. */
const suits = (column: string, names: readonly [string, ...string[]], description: string): Filter =>
  defineFilter({
    description: `${description}: ${names.join(", ")}`,
    schema: z.enum(names, { error: `must be one of ${names.join(", ")}` }),
    where: (name, bind) => `(${column} = '{}' OR ${column} @> ARRAY[${bind(name)}::text])`,
  });

export const waitlist: RecordType = {
  type: "waitlist",
  description: "Customers who would take a slot that becomes free, and what suits them.",
  shape: waitlistShape,
  filters: {
    state: oneOf("r.state", WAITLIST_STATES, "A state or a list of them"),
    customer_id: customer("Entries of this contact"),
    service_id: defineFilter({
      description: "Wants this service",
      schema: idOf("service"),
      where: (id, bind) => `r.service_ids @> ARRAY[${bind(id)}::text]`,
    }),
    day: suits("r.days", WEEKDAYS, "Can on this weekday"),
    time: suits("r.times", PARTS_OF_DAY, "Can in this part of the day"),
    until_from: fromDate("COALESCE(r.until, 'infinity')", "Still of use on this day"),
    until_to: toDate("r.until", "Of no use after this day"),
  },
  includes: { customer: { shape: contactShape, one: "customer_id" } },
  search: {
    text: [
      "(SELECT c.name || ' ' || COALESCE(c.company, '') FROM contact c WHERE c.id = r.customer_id)",
      "COALESCE(r.notes, '')",
    ],
  },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    until: { by: "r.until", as: "date", nullable: true },
  },
  defaultSort: "created_at",
};

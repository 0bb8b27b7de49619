import { z } from "zod";
import { PARTS_OF_DAY, WAITLIST_STATES, WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { addressShape } from "../contact/address-shape.ts";
import { fromDate, oneOf, reference, toDate } from "../query/filters.ts";
import { customer } from "../contact/filter.ts";
import { idOf } from "../core/ids.ts";
import { defineFilter, defineRecordType, type Filter } from "../core/record-type.ts";
import { computed, inLocalWords } from "../core/shape.ts";
import { fitsInSlot, slotInput } from "./fits.ts";
import { MINUTES } from "./work.ts";
import { WEEKDAYS } from "../core/time.ts";

/** Matches entries that list the name and entries that list none. */
const lists = (column: string, names: readonly [string, ...string[]], description: string): Filter =>
  defineFilter({
    description: `${description}: ${names.join(", ")}`,
    schema: z.enum(names, { error: `must be one of ${names.join(", ")}` }),
    where: (name, bind) => `(${column} = '{}' OR ${column} @> ARRAY[${bind(name)}::text])`,
  });

export const waitlist = defineRecordType({
  type: "waitlist",
  description: "Customers who want a slot when one becomes free, with their preferences.",
  entity: WaitlistEntry,
  hidden: ["offer_token"],
  computed: {
    services: computed<string[]>(
      "(SELECT COALESCE(array_agg(s.name ORDER BY s.name), '{}') FROM service s WHERE s.id = ANY(r.service_ids))",
    ),
    minutes: computed<number>(MINUTES),
    offered_start_local: inLocalWords("r.offered_start"),
  },
  filters: {
    state: oneOf("r.state", WAITLIST_STATES, "State or list of states"),
    customer_id: customer("Customer"),
    service_id: defineFilter({
      description: "Service that they want",
      schema: idOf("service"),
      where: (id, bind) => `r.service_ids @> ARRAY[${bind(id)}::text]`,
    }),
    day: lists("r.days", WEEKDAYS, "Available on this weekday"),
    time: lists("r.times", PARTS_OF_DAY, "Available in this part of the day"),
    ticket_id: reference("r.ticket_id", "ticket", "The visit that they want earlier"),
    fits: defineFilter({
      description:
        'Would take a visit in a free time, {"from": "2026-11-23T15:30", "to": "2026-11-23T17:00"}, or as text 2026-11-23T15:30/2026-11-23T17:00',
      schema: slotInput,
      where: fitsInSlot,
    }),
    until_from: fromDate("COALESCE(r.until, 'infinity')", "Last day is this day or later"),
    until_to: toDate("r.until", "Last day is this day or earlier"),
  },
  includes: {
    customer: { type: "contacts", via: "customer_id" },
    address: { part: addressShape, via: "address_id" },
    ticket: { type: "tickets", via: "ticket_id" },
    booked_ticket: { type: "tickets", via: "booked_ticket_id" },
  },
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
});

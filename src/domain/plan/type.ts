import { Plan, PLAN_STATES } from "../../entities/plan.ts";
import { addressShape } from "../contact/address-shape.ts";
import { customer } from "../contact/filter.ts";
import { defineRecordType } from "../core/record-type.ts";
import { computed, inLocalWords } from "../core/shape.ts";
import { oneOf, reference } from "../query/filters.ts";

export const plans = defineRecordType({
  type: "plans",
  description: "Recurring visits of a customer: rule, time, services. Their visits are tickets with plan_id.",
  entity: Plan,
  brief: ["repeats", "state", "next_visit_local"],
  computed: {
    next_visit_local: computed<string | null>((now) =>
      inLocalWords(
        `(SELECT min(t.window_start) FROM ticket t WHERE t.plan_id = r.id AND t.status = 'scheduled' AND t.window_start >= ${now()})`,
      ).sql(now),
    ),
  },
  filters: {
    state: oneOf("r.state", PLAN_STATES, "State or list of states"),
    customer_id: customer("Customer"),
    technician_id: reference("r.technician_id", "technician", "Technician wished"),
  },
  includes: {
    customer: { type: "contacts", via: "customer_id" },
    address: { part: addressShape, via: "address_id" },
    technician: { type: "technicians", via: "technician_id" },
    tickets: { type: "tickets", by: "plan_id", order: "r.plan_date NULLS LAST, r.id" },
  },
  search: {
    text: [
      "(SELECT c.name || ' ' || COALESCE(c.company, '') FROM contact c WHERE c.id = r.customer_id)",
      "r.repeats",
      "COALESCE(r.notes, '')",
    ],
  },
  sorts: {
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
    first_day: { by: "r.first_day", as: "date" },
  },
  defaultSort: "-created_at",
});

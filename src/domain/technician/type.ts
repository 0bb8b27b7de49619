import { exactly, flag, holding } from "../core/filters.ts";
import type { RecordType } from "../core/record-type.ts";
import { technicianShape, ticketShape } from "../ticket/shape.ts";

export const technicians: RecordType = {
  type: "technicians",
  description: "The people who do the visits: skills, working hours, days off.",
  shape: technicianShape,
  filters: {
    name: exactly("r.name", "Whole name"),
    active: flag("r.active", "Can be booked"),
    skill: holding("r.skills", "A skill they have"),
  },
  includes: {
    tickets: { shape: ticketShape, many: "technician_id", order: "r.window_start DESC NULLS LAST, r.id" },
  },
  search: { text: ["r.name", "array_to_string(r.skills, ' ')"] },
  sorts: {
    name: { by: "lower(r.name)", as: "text" },
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
  },
  defaultSort: "name",
};

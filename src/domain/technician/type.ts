import { Technician } from "../../entities/technician.ts";
import { exactly, flag, containing } from "../query/filters.ts";
import { defineRecordType } from "../core/record-type.ts";

export const technicians = defineRecordType({
  type: "technicians",
  description: "Technicians: skills, working hours, days off.",
  entity: Technician,
  brief: ["name", "active"],
  filters: {
    name: exactly("r.name", "Whole name"),
    active: flag("r.active", "Can be booked"),
    skill: containing("r.skills", "Skill"),
  },
  includes: {
    tickets: { type: "tickets", by: "technician_id", order: "r.window_start DESC NULLS LAST, r.id" },
  },
  search: { text: ["r.name", "array_to_string(r.skills, ' ')"] },
  sorts: {
    name: { by: "lower(r.name)", as: "text" },
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
  },
  defaultSort: "name",
});

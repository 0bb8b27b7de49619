import { Holiday } from "../../entities/holiday.ts";
import { archived, fromDate, toDate } from "../query/filters.ts";
import { defineRecordType } from "../core/record-type.ts";

export const holidays = defineRecordType({
  type: "holidays",
  description: "Days on which the business is closed and no visit can be booked.",
  entity: Holiday,
  filters: {
    date_from: fromDate("r.date", "On this day or later"),
    date_to: toDate("r.date", "On this day or earlier"),
    archived,
  },
  includes: {},
  search: { text: ["r.name"] },
  sorts: {
    date: { by: "r.date", as: "date" },
    created_at: { by: "r.created_at", as: "timestamptz" },
    updated_at: { by: "r.updated_at", as: "timestamptz" },
  },
  defaultSort: "date",
});

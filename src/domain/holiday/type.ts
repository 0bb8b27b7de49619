import { archived, fromDate, toDate } from "../core/filters.ts";
import type { RecordType } from "../core/record-type.ts";

export const holidays: RecordType = {
  type: "holidays",
  description: "Days on which the business is closed: nobody is booked then.",
  shape: {
    table: "holiday",
    columns: ["id", "date", "name", "archived_at", "created_at", "updated_at", "version"],
  },
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
};

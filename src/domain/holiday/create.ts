import { z } from "zod";
import { Holiday } from "../../entities/holiday.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { holidayFields } from "./fields.ts";

export const createHoliday = defineAction({
  domain: "holiday",
  name: "create",
  summary: "Close the business on a day: nobody is booked then. Visits that are booked already stay.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject(holidayFields),
  example: { date: "2026-11-26", name: "Thanksgiving" },

  undo: { level: "holiday.archive" },

  handler: (context, input) => insert(context, Holiday, input),
});

import { z } from "zod";
import { Holiday } from "../../entities/holiday.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { holidayFields } from "./fields.ts";

export const createHoliday = defineAction({
  domain: "holiday",
  name: "create",
  summary:
    "Add a day on which the business is closed and nobody can be booked. Visits already booked then stay.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject(holidayFields),
  example: { date: "2026-11-26", name: "Thanksgiving" },

  undo: true,

  handler: (context, input) => insert(context, Holiday, input),
});

import { z } from "zod";
import { text } from "../core/fields.ts";
import { plannedDateInput } from "../core/time.ts";
import { technicianId } from "../ticket/fields.ts";
import { timeRangeInput } from "../core/wish.ts";
import { workingHoursInput } from "./working-hours.ts";

export { technicianId };

const daysOff = z
  .strictObject({ from: plannedDateInput, to: plannedDateInput, time: timeRangeInput.optional() })
  .refine(({ from, to }) => from <= to, { path: ["to"], error: "must not be before from" });

export const technicianFields = {
  name: text(200).describe("Name"),
  skills: z
    .array(text(50))
    .max(50)
    .transform((list) => [...new Set(list)])
    .describe("Skills that services can require"),
  working_hours: workingHoursInput,
  time_off: z
    .array(daysOff)
    .max(100)
    .describe(
      "The whole list of days off as {from, to}, both inclusive; with time, 14:00-16:00, only that part of each",
    ),
};

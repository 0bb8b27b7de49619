import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/text.ts";
import { USUAL_HOURS, workingHoursInput } from "./working-hours.ts";

const daysOff = z
  .strictObject({ from: z.iso.date(), to: z.iso.date() })
  .refine(({ from, to }) => from <= to, { path: ["to"], error: "must not be before from" });

export const createTechnician = defineAction({
  domain: "technician",
  name: "create",
  summary: "Add a technician: somebody who can be booked for visits.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({
    name: text(200).describe("Name"),
    skills: z
      .array(text(50))
      .max(50)
      .transform((list) => [...new Set(list)])
      .default([])
      .describe("What they can do"),
    working_hours: workingHoursInput.default(USUAL_HOURS),
    time_off: z.array(daysOff).max(100).default([]).describe("Days off as {from, to}, both inclusive"),
  }),
  example: { name: "Technician", skills: ["windows"], time_off: [{ from: "2026-12-24", to: "2026-12-26" }] },

  handler: (context, input) => insert(context, Technician, input),
});

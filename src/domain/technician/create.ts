import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { technicianFields } from "./fields.ts";
import { DEFAULT_HOURS } from "./working-hours.ts";

export const createTechnician = defineAction({
  domain: "technician",
  name: "create",
  summary: "Add a technician who can be booked for visits.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({
    ...technicianFields,
    skills: technicianFields.skills.default([]),
    working_hours: technicianFields.working_hours.default(DEFAULT_HOURS),
    time_off: technicianFields.time_off.default([]),
  }),
  example: { name: "Technician", skills: ["windows"], time_off: [{ from: "2026-12-24", to: "2026-12-26" }] },

  undo: true,

  handler: (context, input) => insert(context, Technician, input),
});

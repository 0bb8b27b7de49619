import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { technicianFields } from "./fields.ts";
import { settingsOf } from "../settings/current.ts";

export const createTechnician = defineAction({
  domain: "technician",
  name: "create",
  summary: "Add a technician who can be booked for visits.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({
    ...technicianFields,
    skills: technicianFields.skills.default([]),
    working_hours: technicianFields.working_hours
      .optional()
      .describe("Local times per weekday, as in technician.update; default: the hours of the business"),
    time_off: technicianFields.time_off.default([]),
  }),
  example: { name: "Technician", skills: ["windows"], time_off: [{ from: "2026-12-24", to: "2026-12-26" }] },

  undo: true,

  async handler(context, { working_hours, ...fields }) {
    const hours = working_hours ?? (await settingsOf(context.db)).working_hours;
    return insert(context, Technician, { ...fields, working_hours: hours });
  },
});

import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/update-input.ts";
import { technicianFields, technicianId } from "./fields.ts";

export const updateTechnician = defineAction({
  domain: "technician",
  name: "update",
  summary: "Change a technician: name, skills, hours, days off; or bring an archived one back with active.",
  permission: "unrestricted",
  audience: "people",
  input: updateInput(technicianId, {
    ...technicianFields,
    active: z.literal(true).describe("Can be booked again; technician.archive is the way out"),
  }),
  example: { id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4", skills: ["windows", "gutters"] },

  undo: { level: "technician.update" },
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const technician = await findOrFail(context.db, Technician, id);
    expectVersion("technician", technician, version);
    return update(context, Technician, technician, fields);
  },
});

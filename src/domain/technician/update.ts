import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/fields.ts";
import { technicianFields, technicianId } from "./fields.ts";

export const updateTechnician = defineAction({
  domain: "technician",
  name: "update",
  summary: "Update a technician's name, skills, hours or days off, or restore an archived one with active.",
  permission: "unrestricted",
  audience: "people",
  input: updateInput(technicianId, {
    ...technicianFields,
    active: z.literal(true).describe("Restores an archived technician; technician.archive does the opposite"),
  }),
  example: { id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4", skills: ["windows", "gutters"] },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const technician = await findOrFail(context.db, Technician, id);
    expectVersion("technician", technician, version);
    return update(context, technician, fields);
  },
});

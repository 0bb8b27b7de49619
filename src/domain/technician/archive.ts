import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { conflict } from "../core/errors.ts";
import { findOrFail, update } from "../core/records.ts";
import { bookedVisits } from "./booked.ts";
import { technicianId } from "./fields.ts";

const MOST_NAMED = 5;

export const archiveTechnician = defineAction({
  domain: "technician",
  name: "archive",
  summary: "Book a technician no more. Refused while visits are booked; past visits keep the name.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({ id: technicianId }),
  example: { id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: { level: "technician.update" },
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const { db, now } = context;
    const technician = await findOrFail(db, Technician, id);
    const booked = await bookedVisits(db, id, { from: now, to: null });
    if (booked.length > 0) {
      const named = booked.slice(0, MOST_NAMED).map(({ number }) => `#${number}`);
      throw conflict(
        `${technician.name} still has ${booked.length} booked: ${named.join(", ")}.`,
        "Give these visits to somebody else or cancel them first.",
        { visits: booked },
      );
    }
    return update(context, Technician, technician, { active: false });
  },
});

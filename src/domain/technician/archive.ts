import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { conflict } from "../core/errors.ts";
import { findOrFail, update } from "../core/records.ts";
import { findBookedVisits } from "./booked-visits.ts";
import { endCalendarLink } from "./calendar-feed.ts";
import { technicianId } from "./fields.ts";

const MOST_NAMED = 5;

export const archiveTechnician = defineAction({
  domain: "technician",
  name: "archive",
  summary:
    "Stop booking a technician and end their calendar link. Refused while they have booked visits; past visits keep the name.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({ id: technicianId }),
  example: { id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const { db, now } = context;
    const technician = await findOrFail(db, Technician, id);
    const booked = await findBookedVisits(db, id, { from: now, to: null });
    if (booked.length > 0) {
      const numbers = booked.slice(0, MOST_NAMED).map(({ number }) => `#${number}`);
      throw conflict(
        `${technician.name} still has ${booked.length} booked ${booked.length === 1 ? "visit" : "visits"}: ${numbers.join(", ")}.`,
        "Assign these visits to another technician or cancel them first.",
        { visits: booked },
      );
    }
    await endCalendarLink(db, id);
    return update(context, technician, { active: false });
  },
});

import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { Temporal } from "temporal-polyfill";
import { boundsOf } from "../core/calendar.ts";
import { plannedDateInput } from "../core/time.ts";
import { isAway } from "../schedule/calendar.ts";
import { timeRangeInput } from "../core/wish.ts";
import { findOrFail, update } from "../core/records.ts";
import { settingsOf } from "../settings/current.ts";
import { findBookedVisits } from "./booked-visits.ts";
import { technicianId } from "./fields.ts";

export const bookTimeOff = defineAction({
  domain: "technician",
  name: "time_off",
  summary:
    "Add days off for a technician, or a part of them, so that they cannot be booked. The result lists visits already booked then.",
  permission: "unrestricted",
  audience: "people",
  input: z
    .strictObject({
      id: technicianId,
      from: plannedDateInput.describe("First day off"),
      to: plannedDateInput.optional().describe("Last day off; default: the same day"),
      time: timeRangeInput.optional().describe("Only this part of each day: 14:00-16:00, afternoon"),
    })
    .refine(({ from, to = from }) => from <= to, { path: ["to"], error: "must not be before from" }),
  example: { id: "technician_01kb2m6x8efh5rt3zqk9w7ycd4", from: "2026-12-24", to: "2026-12-26" },

  undo: true,
  targets: ({ id }) => [id],

  /** Returns the technician, and in `booked` the visits on those days, which must be moved. */
  async handler(context, { id, from, to = from, time }) {
    const { db } = context;
    const technician = await findOrFail(db, Technician, id);
    const { timezone: zone } = await settingsOf(db);
    const away = { from, to, ...(time && { time }) };
    const time_off = [...technician.time_off, away].sort((a, b) => (a.from < b.from ? -1 : 1));
    const updated = await update(context, technician, { time_off });
    const days = { from: Temporal.PlainDate.from(from), to: Temporal.PlainDate.from(to) };
    const booked = await findBookedVisits(db, id, boundsOf(days, zone));
    return {
      ...updated,
      booked: booked.filter((visit) => isAway({ technician: { ...updated, time_off: [away] } }, visit, zone)),
    };
  },
});

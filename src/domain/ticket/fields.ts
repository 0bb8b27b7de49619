import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { LONGEST_VISIT_MINUTES } from "../schedule/appointment-window.ts";

export const ticketId = idOf("ticket");
export const technicianId = idOf("technician");

/** Of a visit without services. */
export const DEFAULT_MINUTES = 60;

export const durationMinutes = z.int().min(5).max(LONGEST_VISIT_MINUTES).describe("How long the visit takes");

export const outsideHours = z
  .boolean()
  .describe("Insist on a time outside working hours or on a holiday; never on time off or another visit");

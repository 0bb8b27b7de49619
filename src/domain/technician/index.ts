import type { Domain } from "../core/registry.ts";
import { archiveTechnician } from "./archive.ts";
import { makeCalendarLink } from "./calendar-link.ts";
import { createTechnician } from "./create.ts";
import { bookTimeOff } from "./time-off.ts";
import { technicians } from "./type.ts";
import { updateTechnician } from "./update.ts";
import { archivable } from "../core/reversal.ts";

export const technicianDomain: Domain = {
  domain: "technician",
  description: "The people who carry out visits",
  noun: "technician",
  actions: [createTechnician, updateTechnician, archiveTechnician, bookTimeOff, makeCalendarLink],
  types: [technicians],
  reversals: [archivable("technician")],
};

import type { Domain } from "../core/registry.ts";
import { archiveHoliday } from "./archive.ts";
import { createHoliday } from "./create.ts";
import { holidays } from "./type.ts";
import { updateHoliday } from "./update.ts";
import { archivable } from "../core/reversal.ts";

export const holidayDomain: Domain = {
  domain: "holiday",
  description: "Days on which the business is closed",
  noun: "holiday",
  actions: [createHoliday, updateHoliday, archiveHoliday],
  types: [holidays],
  reversals: [archivable("holiday")],
};

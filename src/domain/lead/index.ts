import type { Domain } from "../core/registry.ts";
import { archiveLead } from "./archive.ts";
import { contactLead } from "./contact.ts";
import { convertLead } from "./convert.ts";
import { createLead } from "./create.ts";
import { loseLead } from "./lose.ts";
import { qualifyLead } from "./qualify.ts";
import { reopenLead } from "./reopen.ts";
import { scheduleFollowup } from "./schedule-followup.ts";
import { leads } from "./type.ts";
import { updateLead } from "./update.ts";
import { leadReversal } from "./reversal.ts";

export const leadDomain: Domain = {
  domain: "lead",
  description: "People who may become customers: from the first call to converted or lost",
  noun: "lead",
  actions: [
    createLead,
    updateLead,
    contactLead,
    qualifyLead,
    scheduleFollowup,
    convertLead,
    loseLead,
    archiveLead,
    reopenLead,
  ],
  types: [leads],
  reversals: [leadReversal],
};

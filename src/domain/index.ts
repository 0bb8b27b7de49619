import { attributeDomain } from "./attribute/index.ts";
import { contactDomain } from "./contact/index.ts";
import type { Domain } from "./core/registry.ts";
import { holidayDomain } from "./holiday/index.ts";
import { invoiceDomain } from "./invoice/index.ts";
import { jobDomain } from "./engine/actions/index.ts";
import { leadDomain } from "./lead/index.ts";
import { messageDomain } from "./message/index.ts";
import { planDomain } from "./plan/index.ts";
import { serviceDomain } from "./service/index.ts";
import { settingsDomain } from "./settings/index.ts";
import { technicianDomain } from "./technician/index.ts";
import { templateDomain } from "./template/index.ts";
import { ticketDomain } from "./ticket/index.ts";
import { userDomain } from "./user/index.ts";
import { waitlistDomain } from "./waitlist/index.ts";
import { workflowDomain } from "./workflow/index.ts";

/** Everything the CRM can do, in the order the outside sees it. */
export const domains: readonly Domain[] = [
  ticketDomain,
  contactDomain,
  invoiceDomain,
  leadDomain,
  messageDomain,
  planDomain,
  serviceDomain,
  attributeDomain,
  waitlistDomain,
  workflowDomain,
  jobDomain,
  settingsDomain,
  technicianDomain,
  templateDomain,
  holidayDomain,
  userDomain,
];

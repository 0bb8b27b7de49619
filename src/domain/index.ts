import { contactDomain } from "./contact/index.ts";
import type { Domain } from "./core/registry.ts";
import { jobDomain } from "./job/index.ts";
import { settingsDomain } from "./settings/index.ts";
import { technicianDomain } from "./technician/index.ts";
import { ticketDomain } from "./ticket/index.ts";

/** Everything the CRM can do, in the order the outside sees it. */
export const domains: readonly Domain[] = [
  ticketDomain,
  contactDomain,
  jobDomain,
  settingsDomain,
  technicianDomain,
];

import type { LeadStatus } from "../../entities/lead.ts";
import { makeStates } from "../core/states.ts";

export const OPEN_LEADS = ["new", "contacted", "qualified"] as const satisfies readonly LeadStatus[];

/** Every way a lead changes its state, by the name of its action; there is no other. */
export const leadStates = makeStates<LeadStatus, LeadTransition>("lead", {
  contact: { from: ["new"], to: "contacted", said: "be marked as contacted" },
  qualify: { from: ["contacted"], to: "qualified", said: "be qualified" },
  convert: { from: ["qualified"], to: "converted", said: "be converted" },
  lose: { from: OPEN_LEADS, to: "lost", said: "be lost" },
  archive: { from: OPEN_LEADS, to: "archived", said: "be archived" },
  reopen: { from: ["lost", "archived"], to: "new", said: "be reopened" },
});

export type LeadTransition = "contact" | "qualify" | "convert" | "lose" | "archive" | "reopen";

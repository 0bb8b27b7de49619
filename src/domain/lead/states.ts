import type { LeadStatus } from "../../entities/lead.ts";
import { makeStateMachine } from "../core/state-machine.ts";

export const OPEN_LEADS = ["new", "contacted", "qualified"] as const satisfies readonly LeadStatus[];

/** All status changes of a lead, keyed by action name. */
export const leadStates = makeStateMachine<LeadStatus, LeadTransition>("lead", {
  contact: { from: ["new"], to: "contacted", said: "be marked as contacted" },
  qualify: { from: ["contacted"], to: "qualified", said: "be qualified" },
  convert: { from: ["qualified"], to: "converted", said: "be converted" },
  lose: { from: OPEN_LEADS, to: "lost", said: "be marked as lost" },
  archive: { from: OPEN_LEADS, to: "archived", said: "be archived" },
  reopen: { from: ["lost", "archived"], to: "new", said: "be reopened" },
});

export type LeadTransition = "contact" | "qualify" | "convert" | "lose" | "archive" | "reopen";

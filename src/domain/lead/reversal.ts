import type { Reversal, ReversedRow } from "../core/reversal.ts";

export const leadReversal: Reversal = {
  table: "lead",
  standsFor: (row) => ({ action: `lead.${transitionOf(row)}` }),
};

/** No action takes a conversion back. The nearest is archiving: the lead's customer goes, or is no longer its result. */
function transitionOf({ from, to }: ReversedRow): string {
  if (!from) return "create";
  if (!to || from.status === "converted") return "archive";
  if (from.status === to.status) return "update";
  if (to.status === "lost") return "lose";
  return to.status === "archived" ? "archive" : "update";
}

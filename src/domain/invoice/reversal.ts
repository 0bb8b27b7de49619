import type { Reversal } from "../core/reversal.ts";

/** Only the undo of a deletion writes invoices so far: it brings drafts back. */
export const invoiceReversal: Reversal = { table: "invoice", standsFor: () => null };

import type { Domain } from "../core/registry.ts";
import { invoices } from "./type.ts";
import { invoiceReversal } from "./reversal.ts";

export const invoiceDomain: Domain = {
  domain: "invoice",
  description: "Invoices: what customers owe, from draft to paid",
  noun: "invoice",
  actions: [],
  types: [invoices],
  reversals: [invoiceReversal],
};

import type { Domain } from "../core/registry.ts";
import { archiveAttribute } from "./archive.ts";
import { defineAttribute } from "./define.ts";
import { setAttributes } from "./set.ts";
import { attributes } from "./type.ts";
import { attributeReversal, attributeValueReversal } from "./reversal.ts";

export const attributeDomain: Domain = {
  domain: "attribute",
  description: "Custom fields on contacts, tickets, leads and services",
  noun: "attribute",
  actions: [defineAttribute, archiveAttribute, setAttributes],
  types: [attributes],
  reversals: [attributeReversal, attributeValueReversal],
};

import type { Domain } from "../core/registry.ts";
import { archiveAttribute } from "./archive.ts";
import { defineAttribute } from "./define.ts";
import { setAttributes } from "./set.ts";
import { attributes } from "./type.ts";

export const attributeDomain: Domain = {
  domain: "attribute",
  description: "Fields of the business's own, on contacts, tickets, leads and services",
  noun: "attribute",
  actions: [defineAttribute, archiveAttribute, setAttributes],
  types: [attributes],
};

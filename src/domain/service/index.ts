import type { Domain } from "../core/registry.ts";
import { archiveService } from "./archive.ts";
import { createService } from "./create.ts";
import { services } from "./type.ts";
import { updateService } from "./update.ts";
import { archivable } from "../core/reversal.ts";

export const serviceDomain: Domain = {
  domain: "service",
  description: "Services that the business sells",
  noun: "service",
  actions: [createService, updateService, archiveService],
  types: [services],
  reversals: [archivable("service")],
};

import type { Domain } from "../core/registry.ts";
import { archiveService } from "./archive.ts";
import { createService } from "./create.ts";
import { services } from "./type.ts";
import { updateService } from "./update.ts";

export const serviceDomain: Domain = {
  domain: "service",
  description: "What the business does for a price",
  noun: "service",
  actions: [createService, updateService, archiveService],
  types: [services],
};

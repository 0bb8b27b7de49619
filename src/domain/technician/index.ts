import type { Domain } from "../core/registry.ts";
import { createTechnician } from "./create.ts";

export const technicianDomain: Domain = {
  domain: "technician",
  description: "The people who do the visits",
  noun: "technician",
  actions: [createTechnician],
  types: [],
};

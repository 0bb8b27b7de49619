import type { Domain } from "../../core/registry.ts";
import { undoJob } from "./undo.ts";

export const jobDomain: Domain = {
  domain: "job",
  description: "Completed jobs, which can be undone",
  noun: "job",
  actions: [undoJob],
  types: [],
};

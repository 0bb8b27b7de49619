import type { Domain } from "../core/registry.ts";
import { undoJob } from "./undo.ts";

export const jobDomain: Domain = {
  domain: "job",
  description: "What was done before: taking it back",
  noun: "job",
  actions: [undoJob],
  types: [],
};

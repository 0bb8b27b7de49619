import type { Domain } from "../core/registry.ts";
import { createPlan } from "./create.ts";
import { endPlan } from "./end.ts";
import { fillPlan } from "./fill.ts";
import { pausePlan } from "./pause.ts";
import { resumePlan } from "./resume.ts";
import { planReversal } from "./reversal.ts";
import { skipVisit } from "./skip.ts";
import { plans } from "./type.ts";
import { updatePlan } from "./update.ts";

export const planDomain: Domain = {
  domain: "plan",
  description: "Recurring visits: a rule and a time, whose visits are booked ahead by themselves",
  noun: "plan",
  actions: [createPlan, updatePlan, skipVisit, pausePlan, resumePlan, endPlan, fillPlan],
  types: [plans],
  reversals: [planReversal],
};

import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { outcomeOf } from "./answer.ts";
import { stopPlan } from "./cancel-visits.ts";
import { planId, reason } from "./fields.ts";

export const pausePlan = defineAction({
  domain: "plan",
  name: "pause",
  summary:
    "Pause a plan until plan.resume: its visits to come are cancelled. Many at once need a person. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ id: planId, reason }),
  example: { id: "plan_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "They are abroad until spring." },

  raisedWhen: "requires_authorization when its visits to come are many, as ticket.cancel would",
  undo: true,
  targets: ({ id }) => [id],
  outcome: outcomeOf,

  handler: (context, input) => stopPlan(context, input, "pause"),
});

import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { outcomeOf } from "./answer.ts";
import { stopPlan } from "./cancel-visits.ts";
import { planId, reason } from "./fields.ts";

export const endPlan = defineAction({
  domain: "plan",
  name: "end",
  summary:
    "End a plan for good now: its visits to come are cancelled. For a later end, plan.update with ends_on. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ id: planId, reason }),
  example: { id: "plan_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "They moved away." },

  destructive: true,
  raisedWhen: "requires_authorization when its visits to come are many, as ticket.cancel would",
  undo: true,
  targets: ({ id }) => [id],
  outcome: outcomeOf,

  handler: (context, input) => stopPlan(context, input, "end"),
});

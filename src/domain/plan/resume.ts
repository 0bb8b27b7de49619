import { z } from "zod";
import { findActiveContact } from "../contact/find-active.ts";
import { defineAction } from "../core/action.ts";
import { update } from "../core/records.ts";
import { answerOf, outcomeOf } from "./answer.ts";
import { planId } from "./fields.ts";
import { nextState } from "./states.ts";
import { fillHorizon, lockPlan } from "./visits.ts";

export const resumePlan = defineAction({
  domain: "plan",
  name: "resume",
  summary: "Resume a paused plan: its visits are booked ahead again, without the skipped dates.",
  permission: "unrestricted",
  input: z.strictObject({ id: planId }),
  example: { id: "plan_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ id }) => [id],
  outcome: outcomeOf,

  async handler(context, { id }) {
    const plan = await lockPlan(context, id);
    await findActiveContact(context.db, plan.customer_id);
    const state = nextState(plan, "resume");
    await fillHorizon(context, await update(context, plan, { state, state_reason: null }));
    return answerOf(context, id);
  },
});

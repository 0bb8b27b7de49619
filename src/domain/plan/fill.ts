import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { lockVisitsAhead } from "./cancel-visits.ts";
import { planId } from "./fields.ts";
import { bookWaiting, fillHorizon, lockPlan } from "./visits.ts";

export const fillPlan = defineAction({
  domain: "plan",
  name: "fill",
  summary:
    "Make the visits of a plan that are missing up to the horizon, each date once, and book those without a time.",
  permission: "unrestricted",
  audience: "system",
  input: z.strictObject({ id: planId }),
  example: { id: "plan_01kb2m6x8efh5rt3zqk9w7ycd4" },

  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const plan = await lockPlan(context, id);
    const ahead = plan.state === "active" ? await lockVisitsAhead(context, plan) : [];
    const booked = await bookWaiting(context, plan, ahead);
    return { id, booked, visits: await fillHorizon(context, plan) };
  },
});

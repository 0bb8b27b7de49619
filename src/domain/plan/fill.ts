import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { planId } from "./fields.ts";
import { fillHorizon, lockPlan } from "./visits.ts";

export const fillPlan = defineAction({
  domain: "plan",
  name: "fill",
  summary: "Make the visits of a plan that are missing up to the horizon, each date once.",
  permission: "unrestricted",
  audience: "system",
  input: z.strictObject({ id: planId }),
  example: { id: "plan_01kb2m6x8efh5rt3zqk9w7ycd4" },

  targets: ({ id }) => [id],

  async handler(context, { id }) {
    return { id, visits: await fillHorizon(context, await lockPlan(context, id)) };
  },
});

import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const qualifyLead = defineAction({
  domain: "lead",
  name: "qualify",
  summary: "Say that a contacted lead is a real chance: the work, the place and the wish are clear.",
  permission: "unrestricted",
  input: z.strictObject({ id: leadId }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: { level: "lead.qualify" },
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const lead = await findOrFail(context.db, Lead, id);
    await update(context, Lead, lead, { status: leadStates.next(lead.status, "qualify") });
    return readRecord(context.db, leads, id);
  },
});

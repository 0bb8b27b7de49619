import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const loseLead = defineAction({
  domain: "lead",
  name: "lose",
  summary: "Mark an open lead as lost: they chose somebody else or no longer want it. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: leadId,
    lost_reason: text(1_000).optional().describe("Stored on the lead: too expensive, too late"),
  }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4", lost_reason: "Chose a cheaper offer." },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, lost_reason = null }) {
    const lead = await findOrFail(context.db, Lead, id);
    const status = leadStates.next(lead.status, "lose");
    await update(context, lead, { status, lost_reason, next_follow_up_at: null });
    return readRecord(context, leads, { id });
  },
});

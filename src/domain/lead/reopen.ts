import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const reopenLead = defineAction({
  domain: "lead",
  name: "reopen",
  summary: "Take up a lead again that was lost or archived; it begins as new.",
  permission: "unrestricted",
  input: z.strictObject({ id: leadId }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: { level: "lead.archive" },
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const lead = await findOrFail(context.db, Lead, id);
    const status = leadStates.next(lead.status, "reopen");
    await update(context, Lead, lead, { status, lost_reason: null });
    return readRecord(context.db, leads, id);
  },
});

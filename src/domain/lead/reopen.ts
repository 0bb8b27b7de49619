import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const reopenLead = defineAction({
  domain: "lead",
  name: "reopen",
  summary: "Reopen a lost or archived lead. Its status becomes new.",
  permission: "unrestricted",
  input: z.strictObject({ id: leadId }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const lead = await findOrFail(context.db, Lead, id);
    const status = leadStates.next(lead.status, "reopen");
    await update(context, lead, { status, lost_reason: null });
    return readRecord(context, leads, { id });
  },
});

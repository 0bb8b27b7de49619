import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const contactLead = defineAction({
  domain: "lead",
  name: "contact",
  summary: "Mark a new lead as contacted, by phone or in writing. It sends nothing.",
  permission: "unrestricted",
  input: z.strictObject({ id: leadId }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const lead = await findOrFail(context.db, Lead, id);
    await update(context, lead, { status: leadStates.next(lead.status, "contact") });
    return readRecord(context, leads, { id });
  },
});

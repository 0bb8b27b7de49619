import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const qualifyLead = defineAction({
  domain: "lead",
  name: "qualify",
  summary: "Mark a contacted lead as qualified: work, place and request are clear.",
  permission: "unrestricted",
  input: z.strictObject({ id: leadId }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const lead = await findOrFail(context.db, Lead, id);
    await update(context, lead, { status: leadStates.next(lead.status, "qualify") });
    return readRecord(context, leads, { id });
  },
});

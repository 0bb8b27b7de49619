import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { leadId } from "./fields.ts";
import { leadStates } from "./states.ts";
import { leads } from "./type.ts";

export const archiveLead = defineAction({
  domain: "lead",
  name: "archive",
  summary: "Archive an open lead that has no outcome: spam, duplicate, wrong number. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ id: leadId }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const lead = await findOrFail(context.db, Lead, id);
    const status = leadStates.next(lead.status, "archive");
    await update(context, lead, { status, next_follow_up_at: null });
    return readRecord(context, leads, { id });
  },
});

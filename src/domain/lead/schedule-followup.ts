import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { defineAction } from "../core/action.ts";
import { invalidState } from "../core/errors.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { settingsOf } from "../settings/current.ts";
import { leadId } from "./fields.ts";
import { followUpAt, followUpInput } from "./follow-up.ts";
import { leadStates, OPEN_LEADS } from "./states.ts";
import { leads } from "./type.ts";

export const scheduleFollowup = defineAction({
  domain: "lead",
  name: "schedule_followup",
  summary: "Set the next follow-up time of an open lead. It replaces the previous one.",
  permission: "unrestricted",
  input: z.strictObject({
    id: leadId,
    at: followUpInput.describe("A day (means 9:00), local date and time 2026-11-26T15:30, or with an offset"),
  }),
  example: { id: "lead_01kb2m6x8efh5rt3zqk9w7ycd4", at: "2026-11-26" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, at }) {
    const { db, now } = context;
    const lead = await findOrFail(db, Lead, id);
    if (!OPEN_LEADS.some((status) => status === lead.status)) {
      throw invalidState("lead", "be followed up", {
        state: lead.status,
        allowed: leadStates.allowedFrom(lead.status),
      });
    }
    const { timezone: zone } = await settingsOf(db);
    await update(context, lead, { next_follow_up_at: followUpAt(at, "data.at", { now, zone }) });
    return readRecord(context, leads, { id });
  },
});

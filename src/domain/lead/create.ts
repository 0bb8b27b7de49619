import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { mustBeActive } from "../contact/active.ts";
import { attributesInput, giveAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/text.ts";
import { settingsOf } from "../settings/current.ts";
import { leadFields } from "./fields.ts";
import { followUpAt, followUpInput } from "./follow-up.ts";
import { leads } from "./type.ts";

export const createLead = defineAction({
  domain: "lead",
  name: "create",
  summary:
    "Keep somebody who asked for something: the notes as they are, who it is, when to get back to them.",
  permission: "unrestricted",
  input: z
    .strictObject(leadFields)
    .partial()
    .extend({
      ...attributesInput,
      raw_notes: text(20_000).describe("What was said or written, word for word; it is never edited later"),
      next_follow_up_at: followUpInput.optional().describe("When to get back: a day, or local date and time"),
    }),
  example: {
    name: "Martha",
    raw_notes: "Elderly woman Martha, 456 Oak Street Madison. Large Victorian, 25+ windows. Wants a quote.",
    source: "phone_call",
    urgency: "medium",
  },

  undo: { level: "lead.archive" },
  targets: ({ customer_id }) => (customer_id ? [customer_id] : []),

  async handler(context, { next_follow_up_at, attributes, ...input }) {
    const { db, now } = context;
    if (input.customer_id) await mustBeActive(db, input.customer_id);
    const { timezone: zone } = await settingsOf(db);
    const { id } = await insert(context, Lead, {
      ...input,
      ...(next_follow_up_at !== undefined && {
        next_follow_up_at: followUpAt(next_follow_up_at, "data.next_follow_up_at", { now, zone }),
      }),
    });
    await giveAttributes(context, id, attributes);
    return readRecord(db, leads, id);
  },
});

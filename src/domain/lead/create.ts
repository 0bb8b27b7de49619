import { z } from "zod";
import { Lead } from "../../entities/lead.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { attributesInput, setInitialAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { settingsOf } from "../settings/current.ts";
import { leadFields } from "./fields.ts";
import { followUpAt, followUpInput } from "./follow-up.ts";
import { leads } from "./type.ts";

export const createLead = defineAction({
  domain: "lead",
  name: "create",
  summary: "Record an inquiry as a lead: raw notes, who asked, and when to follow up.",
  permission: "unrestricted",
  input: z
    .strictObject(leadFields)
    .partial()
    .extend({
      ...attributesInput,
      raw_notes: text(20_000).describe("The inquiry word for word; it cannot be changed later"),
      next_follow_up_at: followUpInput
        .optional()
        .describe("When to follow up: a day, or local date and time"),
    }),
  example: {
    name: "Martha",
    raw_notes: "Elderly woman Martha, 456 Oak Street Madison. Large Victorian, 25+ windows. Wants a quote.",
    source: "phone_call",
    urgency: "medium",
  },

  undo: true,
  targets: ({ customer_id }) => (customer_id ? [customer_id] : []),

  async handler(context, { next_follow_up_at, attributes, ...input }) {
    const { db, now } = context;
    if (input.customer_id) await findActiveContact(db, input.customer_id);
    const { timezone: zone } = await settingsOf(db);
    const { id } = await insert(context, Lead, {
      ...input,
      ...(next_follow_up_at !== undefined && {
        next_follow_up_at: followUpAt(next_follow_up_at, "data.next_follow_up_at", { now, zone }),
      }),
    });
    await setInitialAttributes(context, id, attributes);
    return readRecord(context, leads, { id });
  },
});

import { z } from "zod";
import { URGENCIES } from "../../entities/lead.ts";
import { contactFields } from "../contact/fields.ts";
import { idOf } from "../core/ids.ts";
import { text } from "../core/text.ts";

export const leadId = idOf("lead");

const found = z.strictObject({
  value: text(2_000).describe("As it was found"),
  confidence: z.number().min(0).max(1).describe("0 is a guess, 1 is certain"),
});

/** What a caller may say of a lead: never its status, its notes only once. */
export const leadFields = {
  name: contactFields.name.nullable().describe("Who asks, as far as known"),
  phones: contactFields.phones,
  emails: contactFields.emails,
  source: text(100).nullable().describe("How they came: phone_call, website, referral"),
  urgency: z.enum(URGENCIES).describe("medium where never said"),
  extracted: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, "must be lower case with underscores"), found)
    .refine((fields) => Object.keys(fields).length <= 50, "may have 50 fields at most")
    .describe("What was read out of the notes, {address: {value, confidence}}; the whole of it"),
  customer_id: idOf("contact").nullable().describe("The customer it is about, where there is one already"),
};

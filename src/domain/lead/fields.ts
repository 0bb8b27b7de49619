import { z } from "zod";
import { URGENCIES } from "../../entities/lead.ts";
import { contactFields } from "../contact/fields.ts";
import { idOf } from "../core/ids.ts";
import { text } from "../core/fields.ts";

export const leadId = idOf("lead");

const extractedField = z.strictObject({
  value: text(2_000).describe("Value from the notes"),
  confidence: z.number().min(0).max(1).describe("0 is a guess, 1 is certain"),
});

/** Fields that a caller may set on a lead. Actions change its status; raw_notes are set once. */
export const leadFields = {
  name: contactFields.name.nullable().describe("Name of the person who asks, if known"),
  phones: contactFields.phones,
  emails: contactFields.emails,
  source: text(100).nullable().describe("How they found us: phone_call, website, referral"),
  urgency: z.enum(URGENCIES).describe("Default: medium"),
  extracted: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, "must be lower case with underscores"), extractedField)
    .refine((fields) => Object.keys(fields).length <= 50, "may have 50 fields at most")
    .describe("Data extracted from the notes, {address: {value, confidence}}; replaces all"),
  customer_id: idOf("contact").nullable().describe("Existing customer, if there is one"),
};

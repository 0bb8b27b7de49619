import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { LARGEST_UNIT_PRICE_CENTS } from "../core/money.ts";
import { text } from "../core/fields.ts";
import { durationMinutes } from "../ticket/fields.ts";

export const serviceId = idOf("service");

export const serviceFields = {
  name: text(200).describe("Name that customers see: Screen cleaning"),
  description: text(2_000).nullable().describe("What the service includes"),
  unit_price_cents: z
    .int()
    .min(0)
    .max(LARGEST_UNIT_PRICE_CENTS)
    .describe("Price of one, in cents (minor units of the business currency)"),
  duration_minutes: durationMinutes.describe("Usual duration; default 60"),
  required_skill: text(50)
    .nullable()
    .describe(
      "Skill that the technician must have, in any case, as on the technician. Existing bookings stay",
    ),
  taxable: z.boolean().describe("Whether the business's tax rate applies; default true"),
  active: z.boolean().describe("Currently offered"),
};

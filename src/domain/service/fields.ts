import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { LARGEST_UNIT_PRICE_CENTS } from "../core/money.ts";
import { text } from "../core/text.ts";
import { durationMinutes } from "../ticket/fields.ts";

export const serviceId = idOf("service");

export const serviceFields = {
  name: text(200).describe("As customers know it: Screen cleaning"),
  description: text(2_000).nullable().describe("What it comprises"),
  unit_price_cents: z
    .int()
    .min(0)
    .max(LARGEST_UNIT_PRICE_CENTS)
    .describe("Price of one, in cents (minor units of the business currency)"),
  duration_minutes: durationMinutes.describe("How long it usually takes; 60 where never said"),
  required_skill: text(50)
    .nullable()
    .describe(
      "Skill that the technician must have, as technicians say it; upper or lower case. Who is booked already stays",
    ),
  taxable: z.boolean().describe("Whether the business's tax rate applies; true where never said"),
  active: z.boolean().describe("Offered at present"),
};

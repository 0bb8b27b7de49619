import { z } from "zod";
import { LineItem } from "../../entities/ticket.ts";
import type { Context } from "../core/context.ts";
import { LARGEST_QUANTITY, LARGEST_UNIT_PRICE_CENTS, lineTotal } from "../core/money.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/text.ts";
import { settingsOf } from "../settings/current.ts";

/** What a caller says of one priced line. */
export const lineFields = {
  description: text(500).describe("What is done: Screen cleaning"),
  quantity: z
    .number()
    .min(0.001)
    .max(LARGEST_QUANTITY)
    .refine((quantity) => Math.round(quantity * 1000) / 1000 === quantity, "may have three decimals at most")
    .default(1)
    .describe("How many, up to three decimals"),
  unit_price_cents: z
    .int()
    .min(0)
    .max(LARGEST_UNIT_PRICE_CENTS)
    .describe("Price of one, in cents (minor units of the business currency)"),
  discount_cents: z.int().min(0).max(1e12).default(0).describe("Taken off the line, before tax; in cents"),
  tax_bp: z
    .int()
    .min(0)
    .max(10_000)
    .optional()
    .describe("Tax rate in basis points, 550 is 5.5 %; the business's own rate where left out"),
};

type Line = z.output<z.ZodObject<typeof lineFields>>;

/** A discount is never higher than the line itself. */
export function discountFits(line: Line, issues: z.RefinementCtx): void {
  const { gross_cents, net_cents } = lineTotal({ ...line, tax_bp: 0 });
  if (net_cents >= 0) return;
  issues.addIssue({
    code: "custom",
    path: ["discount_cents"],
    message: `is more than the line itself; the most it can be here is ${gross_cents}`,
  });
}

/** A line with its price, and where that was copied from. */
export type WholeLine = Line & { service_id?: string };

export async function insertLines(
  context: Context,
  ticketId: string,
  lines: readonly WholeLine[],
): Promise<void> {
  if (lines.length === 0) return;
  const settings = await settingsOf(context.db);
  for (const line of lines) {
    const priced = { ...line, tax_bp: line.tax_bp ?? settings.tax_bp };
    const { total_cents } = lineTotal(priced);
    await insert(context, LineItem, { ...priced, ticket_id: ticketId, total_cents });
  }
}

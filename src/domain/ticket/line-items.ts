import type { EntityManager } from "typeorm";
import { z } from "zod";
import { LineItem, Ticket } from "../../entities/ticket.ts";
import type { Context } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { LARGEST_QUANTITY, LARGEST_UNIT_PRICE_CENTS, lineTotal, type PricedLine } from "../core/money.ts";
import { findOrFail, insert } from "../core/records.ts";
import { text } from "../core/text.ts";
import { settingsOf } from "../settings/current.ts";
import { mustNotBe } from "./states.ts";

/** What a caller says of a priced line that is there: what is left out stays. */
export const lineChanges = {
  description: text(500).describe("What is done: Screen cleaning"),
  quantity: z
    .number()
    .min(0.001)
    .max(LARGEST_QUANTITY)
    .refine((quantity) => Math.round(quantity * 1000) / 1000 === quantity, "may have three decimals at most")
    .describe("How many, up to three decimals"),
  unit_price_cents: z
    .int()
    .min(0)
    .max(LARGEST_UNIT_PRICE_CENTS)
    .describe("Price of one, in cents (minor units of the business currency)"),
  discount_cents: z.int().min(0).max(1e12).describe("Taken off the line, before tax; in cents"),
  tax_bp: z
    .int()
    .min(0)
    .max(10_000)
    .describe("Tax rate in basis points, 550 is 5.5 %; of a new line the business's own where left out"),
};

/** What a caller says of a new one. */
export const lineFields = {
  ...lineChanges,
  quantity: lineChanges.quantity.default(1),
  discount_cents: lineChanges.discount_cents.default(0),
  tax_bp: lineChanges.tax_bp.optional(),
};

export const lineItemId = idOf("line_item");

type Line = z.output<z.ZodObject<typeof lineFields>>;

/** What is wrong with a discount that is higher than the line itself; null where it fits. */
export function discountProblem(line: Omit<PricedLine, "tax_bp">): string | null {
  const { gross_cents, net_cents } = lineTotal({ ...line, tax_bp: 0 });
  if (net_cents >= 0) return null;
  return `is more than the line itself; the most it can be here is ${gross_cents}`;
}

export function discountFits(line: Line, issues: z.RefinementCtx): void {
  const message = discountProblem(line);
  if (message) issues.addIssue({ code: "custom", path: ["discount_cents"], message });
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

/**
 * A line of a visit, both locked to be changed: the visit first, as whoever adds a line or deletes the visit does.
 * A line of an invoice is not found here.
 */
export async function lockLine(db: EntityManager, id: string): Promise<{ line: LineItem; ticket: Ticket }> {
  const seen = await db.findOneBy(LineItem, { id });
  if (!seen?.ticket_id) throw notFound("line_item", id);
  const ticket = await findOrFail(db, Ticket, seen.ticket_id);
  mustNotBe(["cancelled", "no_show"], ticket, "have its lines changed");
  return { line: await findOrFail(db, LineItem, id), ticket };
}

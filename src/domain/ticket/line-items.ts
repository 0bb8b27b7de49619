import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Ticket } from "../../entities/ticket.ts";
import { LineItem } from "../../entities/line-item.ts";
import type { Context } from "../core/action.ts";
import { notFound } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { LARGEST_QUANTITY, LARGEST_UNIT_PRICE_CENTS, lineTotal, type PricedLine } from "../core/money.ts";
import { findOrFail, insert } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { settingsOf } from "../settings/current.ts";
import { mustNotBe } from "./states.ts";

/** Fields for updating a priced line; fields left out stay. */
export const lineChanges = {
  description: text(500).describe("Work or material, such as Screen cleaning"),
  quantity: z
    .number()
    .min(0.001)
    .max(LARGEST_QUANTITY)
    .refine((quantity) => Math.round(quantity * 1000) / 1000 === quantity, "may have three decimals at most")
    .describe("Up to three decimals"),
  unit_price_cents: z
    .int()
    .min(0)
    .max(LARGEST_UNIT_PRICE_CENTS)
    .describe("Price of one, in cents (minor units of the business currency)"),
  discount_cents: z.int().min(0).max(1e12).describe("Discount on the whole line before tax, in cents"),
  tax_bp: z
    .int()
    .min(0)
    .max(10_000)
    .describe("Tax rate in basis points (550 is 5.5 %); default for a new line: the business's rate"),
};

/** Fields for a new line. */
export const lineFields = {
  ...lineChanges,
  quantity: lineChanges.quantity.default(1),
  discount_cents: lineChanges.discount_cents.default(0),
  tax_bp: lineChanges.tax_bp.optional(),
};

export const lineItemId = idOf("line_item");

type Line = z.output<z.ZodObject<typeof lineFields>>;

/** Error message if the discount exceeds the line; null if it fits. */
export function discountProblem(line: Omit<PricedLine, "tax_bp">): string | null {
  const { gross_cents, net_cents } = lineTotal({ ...line, tax_bp: 0 });
  if (net_cents >= 0) return null;
  return `exceeds the line; the maximum here is ${gross_cents}`;
}

export function checkDiscount(line: Line, issues: z.RefinementCtx): void {
  const message = discountProblem(line);
  if (message) issues.addIssue({ code: "custom", path: ["discount_cents"], message });
}

/** A line with its price and the service that the price was copied from. */
export type LineToInsert = Line & { service_id?: string };

export async function insertLines(
  context: Context,
  ticketId: string,
  lines: readonly LineToInsert[],
): Promise<void> {
  if (lines.length === 0) return;
  const settings = await settingsOf(context.db);
  for (const line of lines) {
    const priced = { ...line, tax_bp: line.tax_bp ?? settings.tax_bp };
    const { total_cents } = lineTotal(priced);
    await insert(context, LineItem, { ...priced, ticket_id: ticketId, total_cents });
  }
}

/** Writes the lines of one visit to another, with the prices that they have. */
export async function copyLines(context: Context, from: string, to: string): Promise<void> {
  const order = { created_at: "ASC", id: "ASC" } as const;
  for (const line of await context.db.find(LineItem, { where: { ticket_id: from }, order }))
    await insert(context, LineItem, { ...line, version: 1, ticket_id: to });
}

/**
 * Locks a line and its visit. The visit comes first: adding a line and deleting the visit lock in that order too, so
 * they cannot deadlock. A line of an invoice is `not_found` here.
 */
export async function lockLine(db: EntityManager, id: string): Promise<{ line: LineItem; ticket: Ticket }> {
  const unlocked = await db.findOneBy(LineItem, { id });
  if (!unlocked?.ticket_id) throw notFound("line_item", id);
  const ticket = await findOrFail(db, Ticket, unlocked.ticket_id);
  mustNotBe(["cancelled", "no_show"], ticket, "have its lines changed");
  return { line: await findOrFail(db, LineItem, id), ticket };
}

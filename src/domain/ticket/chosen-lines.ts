import type { EntityManager } from "typeorm";
import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { parse } from "../core/input.ts";
import { text } from "../core/text.ts";
import { findService } from "../service/find.ts";
import { discountFits, lineFields, type WholeLine } from "./line-items.ts";
import type { Need } from "./skills.ts";

/** What a caller says of a line: a service, which brings its name, price and tax, or a description with a price. */
export const lineChoice = {
  service_id: idOf("service").optional().describe("A service: its name, price and tax are copied"),
  service: text(200).optional().describe("The same by its name"),
  ...lineFields,
  description: lineFields.description.optional().describe("What is done; the service's name where left out"),
  unit_price_cents: lineFields.unit_price_cents
    .optional()
    .describe("Price of one, in cents (minor units of the business currency); the service's where left out"),
};
type LineChoice = z.output<z.ZodObject<typeof lineChoice>>;

export function lineIsWhole(line: LineChoice, issues: z.RefinementCtx): void {
  const { service_id, service, description, unit_price_cents } = line;
  const fault = (path: string, message: string) => issues.addIssue({ code: "custom", path: [path], message });
  if (service_id && service) fault("service", "goes without service_id; give one of the two");
  if (!service_id && !service) {
    if (description === undefined) fault("description", "is needed where no service is named");
    if (unit_price_cents === undefined) fault("unit_price_cents", "is needed where no service is named");
  }
  if (unit_price_cents !== undefined) discountFits({ ...line, description: "", unit_price_cents }, issues);
}

export const lineInput = z.strictObject(lineChoice).superRefine(lineIsWhole);

const whole = z.strictObject(lineFields).superRefine(discountFits);

/**
 * Lines with all that their services say, copied by value, how long these services usually take together, and what they
 * ask of whoever goes. `at` says where a line stands in the request: `data.line_items.0`.
 */
export async function wholeLines(
  db: EntityManager,
  chosen: readonly LineChoice[],
  at: (index: number) => string,
): Promise<{ lines: WholeLine[]; minutes: number; needs: Need[] }> {
  const lines: WholeLine[] = [];
  const needs: Need[] = [];
  let minutes = 0;
  for (const [index, { service: name, service_id, ...own }] of chosen.entries()) {
    const path = `${at(index)}.${service_id ? "service_id" : "service"}`;
    const named = service_id ?? name;
    const service = named === undefined ? null : await findService(db, named, path);
    const copied = service && {
      description: service.name,
      unit_price_cents: service.unit_price_cents,
      tax_bp: service.taxable ? undefined : 0, // Left out is the business's own rate.
    };
    const line = parse(whole, { ...copied, ...said(own) }, at(index));
    lines.push({ ...line, ...(service && { service_id: service.id }) });
    minutes += service?.duration_minutes ?? 0;
    if (service?.required_skill) needs.push({ skill: service.required_skill, service: service.name });
  }
  return { lines, minutes, needs };
}

const said = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

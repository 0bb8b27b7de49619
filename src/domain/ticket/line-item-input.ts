import type { EntityManager } from "typeorm";
import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { parse } from "../core/input.ts";
import { text } from "../core/fields.ts";
import { findService } from "../service/find.ts";
import { checkDiscount, lineFields, type LineToInsert } from "./line-items.ts";
import type { RequiredSkill } from "./required-skills.ts";

/** A line names a service, which supplies name, price and tax, or has its own description and price. */
export const lineFieldsOrService = {
  service_id: idOf("service").optional().describe("Service whose name, price and tax are copied"),
  service: text(200).optional().describe("Service by name instead of id"),
  ...lineFields,
  description: lineFields.description.optional().describe("Work or material; default: the service's name"),
  unit_price_cents: lineFields.unit_price_cents
    .optional()
    .describe("Price of one, in cents (minor units of the business currency); default: the service's price"),
};
type LineOrService = z.output<z.ZodObject<typeof lineFieldsOrService>>;

export function checkLine(line: LineOrService, issues: z.RefinementCtx): void {
  const { service_id, service, description, unit_price_cents } = line;
  const add = (path: string, message: string) => issues.addIssue({ code: "custom", path: [path], message });
  if (service_id && service) add("service", "cannot be combined with service_id; give one of the two");
  if (!service_id && !service) {
    if (description === undefined) add("description", "is required without a service");
    if (unit_price_cents === undefined) add("unit_price_cents", "is required without a service");
  }
  if (unit_price_cents !== undefined) checkDiscount({ ...line, description: "", unit_price_cents }, issues);
}

export const lineInput = z.strictObject(lineFieldsOrService).superRefine(checkLine);

const completeLine = z.strictObject(lineFields).superRefine(checkDiscount);

/**
 * Copies name, price and tax of the named services into the lines, and returns their total duration and required
 * skills. `pathOf` returns the path of a line in the request, `data.line_items.0`.
 */
export async function resolveLines(
  db: EntityManager,
  input: readonly LineOrService[],
  pathOf: (index: number) => string,
): Promise<{ lines: LineToInsert[]; minutes: number; requiredSkills: RequiredSkill[] }> {
  const lines: LineToInsert[] = [];
  const requiredSkills: RequiredSkill[] = [];
  let minutes = 0;
  for (const [index, { service: name, service_id, ...own }] of input.entries()) {
    const path = `${pathOf(index)}.${service_id ? "service_id" : "service"}`;
    const named = service_id ?? name;
    const service =
      named === undefined
        ? null
        : await findService(db, named, { path, instead: "give description and unit_price_cents" });
    const copied = service && {
      description: service.name,
      unit_price_cents: service.unit_price_cents,
      tax_bp: service.taxable ? undefined : 0, // undefined: the business's rate.
    };
    const line = parse(completeLine, { ...copied, ...withoutUndefined(own) }, pathOf(index));
    lines.push({ ...line, ...(service && { service_id: service.id }) });
    minutes += service?.duration_minutes ?? 0;
    if (service?.required_skill)
      requiredSkills.push({ skill: service.required_skill, service: service.name });
  }
  return { lines, minutes, requiredSkills };
}

const withoutUndefined = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

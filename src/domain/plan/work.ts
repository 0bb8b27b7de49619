import type { EntityManager } from "typeorm";
import type { z } from "zod";
import type { PlanLine } from "../../entities/plan.ts";
import { LONGEST_VISIT_MINUTES } from "../schedule/appointment-window.ts";
import { findService } from "../service/find.ts";
import { DEFAULT_MINUTES } from "../ticket/fields.ts";
import { type lineInput, resolveLines } from "../ticket/line-item-input.ts";
import type { RequiredSkill } from "../ticket/required-skills.ts";

interface AskedWork {
  services?: readonly string[] | undefined;
  line_items?: readonly z.output<typeof lineInput>[] | undefined;
}

interface Work {
  line_items: PlanLine[];
  /** Of the services; at most a day. */
  minutes: number;
  requiredSkills: RequiredSkill[];
}

/** What is done on each visit, with today's prices of the services. */
export async function workOf(
  db: EntityManager,
  { services = [], line_items = [] }: AskedWork,
): Promise<Work> {
  const named: z.output<typeof lineInput>[] = [];
  for (const [index, service] of services.entries()) {
    const { id } = await findService(db, service, {
      path: `data.services.${index}`,
      instead: "leave services out and give line_items",
    });
    named.push({ service_id: id, quantity: 1, discount_cents: 0 });
  }
  const pathOf = (index: number) => `data.line_items.${index - named.length}`; // The services are found above.
  const { lines, minutes, requiredSkills } = await resolveLines(db, [...named, ...line_items], pathOf);
  return {
    line_items: lines,
    minutes: Math.min(minutes || DEFAULT_MINUTES, LONGEST_VISIT_MINUTES),
    requiredSkills,
  };
}

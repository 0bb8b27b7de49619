import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Obstacle, Reversal, ReversedRow, RowImage } from "../core/reversal.ts";

export const planReversal: Reversal = {
  table: "plan",
  standsFor: (row) => ({ action: `plan.${transitionOf(row)}` }),
  async check({ db }, { id, from, to }) {
    return from && to && changesDates(from, to) ? visitMadeSince(db, id, from) : null;
  },
};

/** The action that leads from one image to the other. None revives an ended plan; the nearest is resuming it. */
function transitionOf({ from, to }: ReversedRow): string {
  if (!to) return "end";
  if (!from) return "create";
  if (from.state !== to.state)
    return to.state === "active" ? "resume" : to.state === "paused" ? "pause" : "end";
  return countOf(to.exceptions) > countOf(from.exceptions) ? "skip" : "update";
}

const countOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);

/** Whether the plan had other dates before, or none. Skipped ones aside. */
const changesDates = (from: RowImage, to: RowImage): boolean =>
  ["state", "rule", "first_day", "ends_on", "local_time"].some((column) => from[column] !== to[column]);

/** A visit that the plan has got since would be left over. */
async function visitMadeSince(db: EntityManager, id: string, from: RowImage): Promise<Obstacle | null> {
  const [visit] = await rows<{ id: string; number: number }>(
    db,
    `SELECT id, number FROM ticket WHERE plan_id = $1 AND plan_date IS NOT NULL AND created_at > $2
       AND status IN ('unscheduled', 'scheduled', 'in_progress') AND rescheduled_from_id IS NULL ORDER BY id LIMIT 1`,
    [id, from.updated_at],
  );
  return visit ? { record: visit.id, message: `Visit #${visit.number} was made for the plan` } : null;
}

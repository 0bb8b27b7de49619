import { rows } from "../../database/sql.ts";
import type { Context } from "../core/action.ts";
import { inWords } from "../core/time.ts";
import { readRecord } from "../query/read-record.ts";
import { settingsOf } from "../settings/current.ts";
import { plans } from "./type.ts";

const MOST_VISITS = 10;

export interface PlannedVisit {
  ticket_id: string;
  number: number;
  plan_date: string;
  status: "unscheduled" | "scheduled";
  /** `Tuesday, December 1, 2026 at 9:00 AM`; of one without a time, when it was wanted. */
  local: string;
  start: Date;
  technician: string | null;
  /** Why it has no time. */
  needs_time_reason?: string;
}

interface UpcomingRow extends Omit<PlannedVisit, "local" | "needs_time_reason"> {
  needs_time_reason: string | null;
}

/** The visits that are still to come, the next one first. */
export async function upcomingVisits(
  { db, now }: Pick<Context, "db" | "now">,
  id: string,
): Promise<PlannedVisit[]> {
  const { timezone } = await settingsOf(db);
  const found = await rows<UpcomingRow>(
    db,
    `SELECT t.id AS ticket_id, t.number, t.plan_date, t.status, coalesce(t.window_start, t.planned_start) AS start,
       n.name AS technician, t.needs_time_reason
     FROM ticket t LEFT JOIN technician n ON n.id = t.technician_id
     WHERE t.plan_id = $1 AND t.plan_date IS NOT NULL AND t.status IN ('unscheduled', 'scheduled')
       AND coalesce(t.window_start, t.planned_start) > $2
     ORDER BY start, t.id`,
    [id, now],
  );
  return found.map(({ needs_time_reason, ...visit }) => ({
    ...visit,
    local: inWords(visit.start, timezone),
    ...(needs_time_reason !== null && { needs_time_reason }),
  }));
}

/** A plan as its actions answer it. */
export async function answerOf(context: Context, id: string, hints: readonly string[] = []) {
  const visits = await upcomingVisits(context, id);
  const needing = visits.filter(({ status }) => status === "unscheduled").length;
  const all = [...hints, ...(needing > 0 ? [needsTimeHint(needing)] : [])];
  return {
    ...(await readRecord(context, plans, { id })),
    visits: visits.slice(0, MOST_VISITS),
    visits_total: visits.length,
    needs_time: needing,
    ...(all.length > 0 && { hints: all }),
  };
}

export type Answer = Awaited<ReturnType<typeof answerOf>>;

const needsTimeHint = (count: number): string =>
  `${count === 1 ? "1 visit needs" : `${count} visits need`} a time: see needs_time_reason, then book with ticket.schedule.`;

/** Without personal data. */
export const outcomeOf = ({ state, repeats, visits: ahead, visits_total, needs_time }: Answer): string => {
  const next = ahead.find(({ status }) => status === "scheduled");
  const visits = `${visits_total} ${visits_total === 1 ? "visit" : "visits"} ahead`;
  const without = needs_time > 0 ? `, ${needs_time} without a time` : "";
  const booked = next ? `Next: ${next.local}. ` : "";
  return `The plan (${repeats}) is ${state}. ${booked}${visits_total > 0 ? `${visits}${without}` : "No visits ahead"}.`;
};

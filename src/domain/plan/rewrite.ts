import type { Plan } from "../../entities/plan.ts";
import { LineItem } from "../../entities/line-item.ts";
import { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import type { Context } from "../core/action.ts";
import { readById, update } from "../core/records.ts";
import { settingsOf } from "../settings/current.ts";
import { insertLines } from "../ticket/line-items.ts";
import { missingSkills, requiredSkillsOf } from "../ticket/required-skills.ts";
import { cancelAndRelease } from "./cancel-visits.ts";
import { startOn } from "./due.ts";
import { datesBetween } from "./rule/dates.ts";
import { bookingOf, makeVisit, whoGoes } from "./visits.ts";

interface Rewritten {
  plan: Plan;
  /** The first date that changes. */
  from: string;
  /** The columns of the plan that the request changes. */
  changed: ReadonlySet<keyof Plan>;
}

const WHY = "The plan changed.";

/**
 * Makes the visits from a date on what the plan now says. A visit that somebody moved stays as it is; one whose date is gone
 * is cancelled. The caller has locked the visits.
 */
export async function rewriteVisits(
  context: Context,
  visits: readonly Ticket[],
  change: Rewritten,
): Promise<void> {
  const { plan, from } = change;
  const settings = await settingsOf(context.db);
  for (const visit of visits) {
    const { plan_date } = visit;
    if (plan_date === null || plan_date < from || isMoved(visit)) continue;
    if (datesBetween(plan, { from: plan_date, to: plan_date }).length === 0) {
      await cancelAndRelease(context, visit, WHY);
      continue;
    }
    const start = startOn(plan, plan_date, settings);
    if (start > context.now) await rewriteVisit(context, visit, { ...change, start, date: plan_date });
  }
}

const isMoved = ({ window_start, planned_start }: Ticket): boolean =>
  window_start !== null && planned_start !== null && window_start.getTime() !== planned_start.getTime();

/** What says when a visit is and who can go. */
const BOOKING: readonly (keyof Plan)[] = ["local_time", "duration_minutes", "technician_id", "line_items"];

async function rewriteVisit(
  context: Context,
  visit: Ticket,
  { plan, changed, start, date }: Rewritten & { start: Date; date: string },
): Promise<void> {
  const { notes, address_id, duration_minutes } = plan;
  if (changed.has("line_items")) await replaceLines(context, visit, plan);
  const values: Partial<Ticket> = {
    ...(changed.has("notes") && { notes }),
    ...(changed.has("address_id") && { address_id }),
    ...(changed.has("duration_minutes") && { duration_minutes }),
  };
  if (!BOOKING.some((column) => changed.has(column)) && visit.status === "scheduled") {
    if (Object.keys(values).length > 0) await update(context, visit, values);
    return;
  }
  const first = changed.has("technician_id") ? null : await whoStays(context, visit);
  const found = await whoGoes(context, visit, { plan, start, first });
  if ("reason" in found && visit.status === "scheduled") {
    await cancelAndRelease(context, visit, WHY);
    return makeVisit(context, plan, date);
  }
  await update(context, visit, { ...values, planned_start: start, ...bookingOf(visit, found) });
}

/** Who was booked, unless they lack a skill that the visit needs now. */
async function whoStays({ db }: Context, { id, technician_id }: Ticket): Promise<string | null> {
  const booked = technician_id === null ? undefined : await readById(db, Technician, { id: technician_id });
  return booked && missingSkills(booked, await requiredSkillsOf(db, id)).length === 0 ? booked.id : null;
}

async function replaceLines(context: Context, { id }: Ticket, { line_items }: Plan): Promise<void> {
  await context.db.remove(await context.db.find(LineItem, { where: { ticket_id: id } }));
  await insertLines(context, id, line_items);
}

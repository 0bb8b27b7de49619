import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Plan } from "../../entities/plan.ts";
import { Ticket } from "../../entities/ticket.ts";
import type { Context } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { cancelTicket } from "../ticket/cancel.ts";
import { answerOf } from "./answer.ts";
import { nextState } from "./states.ts";
import { lockPlan } from "./visits.ts";

/** The plan's visits that are still to come, locked, in the order of their ids. */
export async function lockVisitsAhead(
  { db, now }: { db: EntityManager; now: Date },
  { id }: Plan,
): Promise<Ticket[]> {
  const open = await rows<{ id: string }>(
    db,
    `SELECT id FROM ticket WHERE plan_id = $1 AND plan_date IS NOT NULL AND status IN ('unscheduled', 'scheduled')
       AND coalesce(window_start, planned_start) > $2 ORDER BY id`,
    [id, now],
  );
  const tickets: Ticket[] = [];
  for (const each of open) tickets.push(await findOrFail(db, Ticket, each.id));
  return tickets;
}

/**
 * Cancels a visit like any other, so that it is judged and counted. Its date may get a new one: when the plan is resumed, or
 * has the date again.
 */
export async function cancelAndRelease(context: Context, { id }: Ticket, reason?: string): Promise<void> {
  await context.call(cancelTicket, { id, reason });
  await update(context, await findOrFail(context.db, Ticket, id), { plan_date: null, planned_start: null });
}

/** Takes a plan out of use: it cancels the visits to come and stores why. */
export async function stopPlan(
  context: Context,
  { id, reason }: { id: string; reason?: string | undefined },
  transition: "pause" | "end",
) {
  const plan = await lockPlan(context, id);
  const state = nextState(plan, transition);
  for (const visit of await lockVisitsAhead(context, plan)) await cancelAndRelease(context, visit, reason);
  await update(context, plan, { state, state_reason: reason ?? null });
  return answerOf(context, id);
}

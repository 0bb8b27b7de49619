import { type EntityManager, MoreThan } from "typeorm";
import { Contact } from "../../entities/contact.ts";
import { Plan } from "../../entities/plan.ts";
import { Ticket } from "../../entities/ticket.ts";
import type { Context } from "../core/action.ts";
import { CrmError, notFound } from "../core/errors.ts";
import { insert, readById, update } from "../core/records.ts";
import { addMinutes } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { reasonOf } from "../ticket/alternatives.ts";
import { findAppointment } from "../ticket/appointment.ts";
import { insertLines } from "../ticket/line-items.ts";
import { lockCustomer } from "../ticket/lock-customer.ts";
import { nextStatus } from "../ticket/states.ts";
import { lockTechnicians } from "../ticket/technician-choice.ts";
import { missingDates, startOn } from "./due.ts";

/** Locks a plan; its customer first, as a deletion does. */
export async function lockPlan({ db }: Pick<Context, "db">, id: string): Promise<Plan> {
  const plan = await readById(db, Plan, { id });
  if (!plan) throw notFound("plan", id);
  await readById(db, Contact, { id: plan.customer_id, lock: "FOR KEY SHARE" });
  // Others may still refer to it: a visit that is being moved names its plan, and holds a lock that this one may wait for.
  const locked = await readById(db, Plan, { id, lock: "FOR NO KEY UPDATE" });
  if (!locked) throw notFound("plan", id);
  return locked;
}

/** The order of every booking: the customer's search entry, then the technicians. Visits that exist come before both. */
export async function lockForBookings({ db }: Context, { customer_id }: Plan): Promise<void> {
  await lockCustomer(db, customer_id);
  await lockTechnicians(db);
}

/**
 * Makes the visits that are missing, up to the horizon or before a date. The caller has locked the plan. One that is not
 * active, or whose customer is archived, gets none.
 */
export async function fillHorizon(context: Context, plan: Plan, before?: string): Promise<number> {
  const { db, now } = context;
  const customer = await readById(db, Contact, { id: plan.customer_id });
  if (plan.state !== "active" || !customer || customer.archived_at) return 0;
  const missing = await missingDates(db, plan, { now, settings: await settingsOf(db) });
  const dates = missing.filter((date) => before === undefined || date < before);
  if (dates.length === 0) return 0;
  await lockForBookings(context, plan);
  for (const date of dates) await makeVisit(context, plan, date);
  return dates.length;
}

/** Books the visits that wait for a time where somebody can go by now. The caller has locked the plan and them. */
export async function bookWaiting(context: Context, plan: Plan, visits: readonly Ticket[]): Promise<number> {
  const waiting = visits.filter(isWaiting);
  if (waiting.length === 0) return 0;
  await lockForBookings(context, plan);
  let booked = 0;
  for (const visit of waiting) {
    const found = await whoGoes(context, visit, wantedBy(plan, visit));
    if ("reason" in found) continue;
    await update(context, visit, bookingOf(visit, found));
    booked++;
  }
  return booked;
}

/** Whether somebody can go to a visit that waits for a time. Holds no lock longer than the look takes. */
export async function canBookWaiting(db: EntityManager, plan: Plan, now: Date): Promise<boolean> {
  const where = { plan_id: plan.id, status: "unscheduled", planned_start: MoreThan(now) } as const;
  const waiting = (await db.find(Ticket, { where })).filter(isWaiting);
  for (const visit of waiting)
    if ("booked" in (await whoGoes({ db, now }, visit, wantedBy(plan, visit)))) return true;
  return false;
}

const isWaiting = ({ status, needs_time_reason, planned_start }: Ticket): boolean =>
  status === "unscheduled" && needs_time_reason !== null && planned_start !== null;

function wantedBy(plan: Plan, { planned_start, duration_minutes }: Ticket): Wanted {
  if (!planned_start) throw new Error("a visit of a plan has a planned start");
  return { plan: { ...plan, duration_minutes }, start: planned_start };
}

/** Makes the visit of a date, booked where somebody can go. */
export async function makeVisit(context: Context, plan: Plan, date: string): Promise<void> {
  const { customer_id, address_id, duration_minutes, notes } = plan;
  const planned_start = startOn(plan, date, await settingsOf(context.db));
  const ticket = await insert(context, Ticket, {
    ...{ customer_id, address_id, duration_minutes, notes, planned_start },
    plan_id: plan.id,
    plan_date: date,
  });
  await insertLines(context, ticket.id, plan.line_items);
  const found = await whoGoes(context, ticket, { plan, start: planned_start });
  await update(context, ticket, bookingOf(ticket, found));
}

/** The columns of a visit that is booked, or that waits for a time. */
export const bookingOf = (ticket: Ticket, found: Found): Partial<Ticket> =>
  "reason" in found
    ? { needs_time_reason: found.reason }
    : {
        ...found.booked,
        status: ticket.status === "scheduled" ? "scheduled" : nextStatus(ticket, "schedule"),
        needs_time_reason: null,
      };

export type Found = { booked: Partial<Ticket> } | { reason: string };

interface Wanted {
  plan: Plan;
  start: Date;
  /** Before the technician wished. */
  first?: string | null;
}

/** Who goes at that time: the technician wished, or somebody else who fits, or why nobody can. */
export async function whoGoes(
  { db, now }: Pick<Context, "db" | "now">,
  ticket: Ticket,
  { plan, start, first }: Wanted,
): Promise<Found> {
  const settings = await settingsOf(db);
  const minutes = plan.duration_minutes;
  const window = { from: start, to: addMinutes(start, minutes), minutes };
  const named = [first, plan.technician_id].filter((id) => id !== null && id !== undefined);
  let reason = "";
  for (const technician_id of [...new Set(named), null]) {
    const wanted = { ...window, technician_id };
    const found = await findAppointment(db, { ticket, settings, now }, wanted).catch(whyUnfit);
    if ("technician_id" in found) return { booked: found };
    reason = "reason" in found ? found.reason : reasonOf(found.obstacles);
  }
  return { reason };
}

/** Nobody has the skills, or the technician wished has left. */
function whyUnfit(error: unknown): { reason: string } {
  if (!(error instanceof CrmError)) throw error;
  const [field] = error.body.fields;
  return { reason: field?.message ?? error.message };
}

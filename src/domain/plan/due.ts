import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Plan } from "../../entities/plan.ts";
import type { Settings } from "../../entities/settings.ts";
import type { TicketStatus } from "../../entities/ticket.ts";
import { todayOf } from "../core/calendar.ts";
import { instantIn } from "../core/time.ts";
import { addDays, datesBetween, firstDate } from "./rule/dates.ts";

export interface Moment {
  now: Date;
  settings: Settings;
}

/** When the visit of a date begins: the same local time on each, an hour later where daylight saving skips it. */
export const startOn = ({ local_time }: Plan, date: string, { timezone }: Settings): Date =>
  instantIn(timezone, `${date}T${local_time}`);

/** The last day for which visits are booked. */
export const horizonOf = ({ now, settings }: Moment): string =>
  addDays(todayOf({ now, zone: settings.timezone }).date, settings.plan_horizon_days);

/** A visit that does not take place any more, or has. */
const OVER: readonly (TicketStatus | undefined)[] = ["completed", "cancelled", "no_show"];

/** The dates up to the horizon, and at least the next one, that have no visit yet. */
export async function missingDates(db: EntityManager, plan: Plan, moment: Moment): Promise<string[]> {
  const { now, settings } = moment;
  const today = todayOf({ now, zone: settings.timezone }).date;
  const horizon = horizonOf(moment);
  const known = await visitsFrom(db, plan, today);
  const isAhead = (date: string) => startOn(plan, date, settings) > now;
  const takesPlace = (date: string) => isAhead(date) && !OVER.includes(known.get(date));
  const within = datesBetween(plan, { from: today, to: horizon }).filter(isAhead);
  const next = within.some(takesPlace) ? null : firstDate(plan, addDays(horizon, 1), takesPlace);
  return [...within, ...(next === null ? [] : [next])].filter((date) => !known.has(date));
}

/** The next date that takes place; null where there is none within five years. */
export async function nextDate(
  db: EntityManager,
  plan: Plan,
  { now, settings }: Moment,
): Promise<string | null> {
  const today = todayOf({ now, zone: settings.timezone }).date;
  const known = await visitsFrom(db, plan, today);
  return firstDate(
    plan,
    today,
    (date) => startOn(plan, date, settings) > now && !OVER.includes(known.get(date)),
  );
}

/** The status of each date's visit, from a day on. */
async function visitsFrom(db: EntityManager, { id }: Plan, from: string): Promise<Map<string, TicketStatus>> {
  const known = await rows<{ plan_date: string; status: TicketStatus }>(
    db,
    "SELECT plan_date, status FROM ticket WHERE plan_id = $1 AND plan_date >= $2",
    [id, from],
  );
  return new Map(known.map(({ plan_date, status }) => [plan_date, status]));
}

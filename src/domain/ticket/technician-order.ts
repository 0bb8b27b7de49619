import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import { type Busy, dayOf, type TechnicianCalendar } from "../schedule/calendar.ts";
import { type Interval, overlaps } from "../schedule/interval.ts";

const LAST_THERE = prepared(
  `SELECT technician_id FROM ticket
   WHERE customer_id = $1 AND technician_id IS NOT NULL AND status IN ('completed', 'in_progress')
   ORDER BY window_start DESC NULLS LAST LIMIT 1`,
);

/** Whom a visit is for. */
export interface Destination {
  customer_id: string | null;
  postal_code: string | null;
}

/** Who was at this customer last. */
export async function lastTechnicianAt(db: EntityManager, customerId: string | null): Promise<string | null> {
  if (customerId === null) return null;
  const [last] = await rows<{ technician_id: string }>(db, LAST_THERE, [customerId]);
  return last?.technician_id ?? null;
}

/** How far the way between two postal codes is: the same, the same first three characters, another. */
export const SAME_PLACE = 0;
export const SAME_AREA = 1;
export const ELSEWHERE = 2;

/** The shorter way from the visit before, or to the one after. `sameDay`: the visits of that day, in time order. */
export function travelTo(sameDay: readonly Busy[], { from }: Interval, postalCode: string | null): number {
  const before = sameDay.filter((each) => each.from < from).at(-1);
  const after = sameDay.find((each) => each.from >= from);
  return Math.min(...[before, after].map((neighbour) => wayBetween(neighbour, postalCode)));
}

function wayBetween(neighbour: Busy | undefined, postalCode: string | null): number {
  const other = neighbour?.postal_code;
  if (!other || !postalCode) return ELSEWHERE;
  if (other === postalCode) return SAME_PLACE;
  return other.slice(0, 3) === postalCode.slice(0, 3) ? SAME_AREA : ELSEWHERE;
}

/**
 * Technicians who are free at the window, in the order in which they are chosen: who was at this customer last, who has
 * the least way, who has the fewest visits that day, by name.
 */
export function inOrder(
  free: readonly TechnicianCalendar[],
  {
    window,
    zone,
    postal_code,
    last,
  }: { window: Interval; zone: string; postal_code: string | null; last: string | null },
): TechnicianCalendar[] {
  const day = dayOf(window.from, zone);
  const rank = (calendar: TechnicianCalendar) => {
    const sameDay = calendar.busy.filter((each) => overlaps(each, day));
    return [calendar.technician.id === last ? 0 : 1, travelTo(sameDay, window, postal_code), sameDay.length];
  };
  return free
    .map((calendar) => ({ calendar, rank: rank(calendar) }))
    .sort((a, b) => compare(a.rank, b.rank) || byName(a.calendar, b.calendar))
    .map(({ calendar }) => calendar);
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((value, at) => value - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;

const byName = ({ technician: a }: TechnicianCalendar, { technician: b }: TechnicianCalendar): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;

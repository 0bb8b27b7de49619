import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { type Busy, type TechnicianCalendar } from "../schedule/calendar.ts";
import { type Interval, overlaps } from "../schedule/interval.ts";

const LAST_THERE = prepared(
  `SELECT technician_id FROM ticket
   WHERE technician_id IS NOT NULL
     AND (id = $2 OR (customer_id = $1 AND status IN ('completed', 'in_progress')))
   ORDER BY (id = $2) IS TRUE DESC, window_start DESC NULLS LAST LIMIT 1`,
);

/** Who was to come for the visit that this one takes the place of, or else who was at the customer last. */
export async function lastTechnicianAt(
  db: EntityManager,
  { customer_id, rescheduled_from_id }: Pick<Ticket, "customer_id" | "rescheduled_from_id">,
): Promise<string | null> {
  const [last] = await rows<{ technician_id: string }>(db, LAST_THERE, [customer_id, rescheduled_from_id]);
  return last?.technician_id ?? null;
}

/** How far the way between two postal codes is: the same, the same first three characters, another or unknown. */
const SAME_PLACE = 0;
const SAME_AREA = 1;
const ELSEWHERE = 2;

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
 * Technicians who are free at the window, in the order in which they are chosen: `last`, who has the least way, who has the
 * fewest visits that day, by name.
 */
export function inOrder(
  free: readonly TechnicianCalendar[],
  { window, day, postal_code, last }: Choosing,
): TechnicianCalendar[] {
  const rank = (calendar: TechnicianCalendar) => {
    const sameDay = calendar.busy.filter((each) => overlaps(each, day));
    return [calendar.technician.id === last ? 0 : 1, travelTo(sameDay, window, postal_code), sameDay.length];
  };
  return free
    .map((calendar) => ({ calendar, rank: rank(calendar) }))
    .sort((a, b) => compare(a.rank, b.rank) || byName(a.calendar, b.calendar))
    .map(({ calendar }) => calendar);
}

interface Choosing {
  window: Interval;
  /** The local day of the window. */
  day: Interval;
  /** Of the visit's address, if it has one. */
  postal_code: string | null;
  /** The technician who goes before all others. */
  last: string | null;
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((value, at) => value - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;

const byName = ({ technician: a }: TechnicianCalendar, { technician: b }: TechnicianCalendar): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;

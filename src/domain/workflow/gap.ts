import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import type { Technician } from "../../entities/technician.ts";
import { localTime, MINUTE } from "../core/time.ts";
import { timeOffOn, workingSpans } from "../schedule/calendar.ts";
import { type Interval, overlaps } from "../schedule/interval.ts";

/** The visit beside a gap. */
interface Neighbour {
  ticket_id: string;
  number: number;
  customer: string;
}

/** The free stretch of one technician that holds a released time. */
export interface Gap {
  from: Date;
  to: Date;
  minutes: number;
  before: Neighbour | null;
  after: Neighbour | null;
}

const NEIGHBOUR = (condition: string, order: string) =>
  prepared(
    `SELECT t.id AS ticket_id, t.number, c.name AS customer, t.window_start AS starts, upper(t.during) AS free_from
     FROM ticket t JOIN contact c ON c.id = t.customer_id
     WHERE t.technician_id = $1 AND t.status IN ('scheduled', 'in_progress') AND ${condition}
     ORDER BY ${order} LIMIT 1`,
  );
const BEFORE = NEIGHBOUR("t.window_start <= $2 AND upper(t.during) > $3", "t.window_start DESC");
const AFTER = NEIGHBOUR("t.window_start > $2 AND t.window_start <= $3", "t.window_start");

type Found = Neighbour & { starts: Date; free_from: Date };

/**
 * The gap between the visits around `released`, travel after the one before included, within the technician's working
 * hours and without their time off. Null where it is over.
 */
export async function gapAround(
  db: EntityManager,
  technician: Technician,
  { released, zone, now }: { released: Interval; zone: string; now: Date },
): Promise<Gap | null> {
  if (released.to <= now) return null;
  const day = localTime(released.from, zone).toPlainDate();
  const span = workingSpans({ technician }, day, zone).find((each) => overlaps(each, released)) ?? released;
  const [before] = await rows<Found>(db, BEFORE, [technician.id, released.from, span.from]);
  const [after] = await rows<Found>(db, AFTER, [technician.id, released.from, span.to]);
  const away = timeOffOn({ technician }, day, zone);
  const begins = [span.from, now, before?.free_from ?? now];
  const ends = [span.to, after?.starts ?? span.to];
  for (const off of away) {
    if (off.from <= released.from) begins.push(off.to);
    else ends.push(off.from);
  }
  const from = new Date(Math.max(...begins.map(Number)));
  const to = new Date(Math.min(...ends.map(Number)));
  const minutes = Math.floor((to.getTime() - from.getTime()) / MINUTE);
  if (minutes < 1) return null;
  return { from, to, minutes, before: neighbour(before), after: neighbour(after) };
}

const neighbour = (found: Found | undefined): Neighbour | null =>
  found ? { ticket_id: found.ticket_id, number: found.number, customer: found.customer } : null;

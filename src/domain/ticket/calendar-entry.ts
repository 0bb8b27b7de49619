import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { TicketStatus } from "../../entities/ticket.ts";
import { addressLine } from "../contact/address-line.ts";
import { listed } from "./notice.ts";

/** A visit as a calendar has it. All moves of a visit are one entry. */
export interface CalendarEntry {
  /** Of the first visit of the chain of moves: it never changes. */
  uid: string;
  /** Grows with every write to any visit of the chain, also where a move is undone. */
  sequence: number;
  start: Date;
  end: Date;
  cancelled: boolean;
  number: number;
  customer: string;
  services: string;
  location: string;
  business: string;
  updated_at: Date;
  /** When it was read. */
  read_at: Date;
}

interface EntryRow {
  first_id: string;
  sequence: number;
  window_start: Date;
  window_end: Date;
  status: TicketStatus;
  number: number;
  customer: string;
  services: string[] | null;
  address: Parameters<typeof addressLine>[0] | null;
  business_name: string;
  updated_at: Date;
}

/**
 * The sequence counts by the recorded changes, because an undo restores versions and times as they were. It starts near 0
 * for each visit, so that it says nothing about the business.
 */
const ENTRY = `SELECT moves.first_id, written.sequence, t.window_start, t.window_end, t.status, t.number, t.updated_at,
    c.name AS customer, s.business_name, to_jsonb(a) AS address,
    (SELECT array_agg(l.description ORDER BY l.created_at, l.id) FROM line_item l WHERE l.ticket_id = t.id) AS services
  FROM ticket t CROSS JOIN settings s JOIN contact c ON c.id = t.customer_id LEFT JOIN address a ON a.id = t.address_id
  CROSS JOIN LATERAL (
    WITH RECURSIVE earlier AS (
      SELECT t.id, t.rescheduled_from_id, 0 AS nth
      UNION ALL SELECT e.id, e.rescheduled_from_id, nth + 1 FROM ticket e JOIN earlier ON e.id = earlier.rescheduled_from_id)
    SELECT (array_agg(id ORDER BY nth DESC))[1] AS first_id, array_agg(id) AS ids FROM earlier) moves
  CROSS JOIN LATERAL (
    SELECT coalesce(max(id) - min(id), 0)::integer AS sequence FROM change
    WHERE table_name = 'ticket' AND record_id = ANY(moves.ids)) written
  WHERE t.window_start IS NOT NULL AND t.window_end IS NOT NULL AND`;

/** One statement, so that a move at the same time cannot make its old visit look called off. */
const NEWEST = `${ENTRY} t.id = (
  WITH RECURSIVE later AS (
    SELECT id, 0 AS nth FROM ticket WHERE id = $1
    UNION ALL SELECT n.id, nth + 1 FROM ticket n JOIN later ON n.rescheduled_from_id = later.id)
  SELECT id FROM later ORDER BY nth DESC LIMIT 1)`;

/** The visit after all its moves, as it is now. Null: there is none, or it has no time. */
export async function readCalendarEntry(
  db: EntityManager,
  ticketId: string,
  now: Date,
): Promise<CalendarEntry | null> {
  const [row] = await rows<EntryRow>(db, NEWEST, [ticketId]);
  return row ? entryOf(row, now) : null;
}

/** Visits that have been called off are listed for so long, and visits that are over. */
const KEPT_DAYS = 30;

/** A visit that was moved is listed as the one that took its place. */
const OF_TECHNICIAN = `${ENTRY} t.technician_id = $1 AND t.window_start >= $2::timestamptz - make_interval(days => ${KEPT_DAYS})
  AND (t.status IN ('scheduled', 'in_progress', 'completed')
    OR t.status = 'cancelled' AND t.updated_at >= $2::timestamptz - make_interval(days => ${KEPT_DAYS})
      AND NOT EXISTS (SELECT FROM ticket n WHERE n.rescheduled_from_id = t.id))
  ORDER BY t.window_start, t.id`;

/** A technician's visits from 30 days ago on, in time order. */
export async function readTechnicianEntries(
  db: EntityManager,
  technicianId: string,
  now: Date,
): Promise<CalendarEntry[]> {
  return (await rows<EntryRow>(db, OF_TECHNICIAN, [technicianId, now])).map((row) => entryOf(row, now));
}

const entryOf = (
  { first_id, window_start, window_end, status, ...row }: EntryRow,
  now: Date,
): CalendarEntry => ({
  uid: `${first_id}@countersign`,
  sequence: row.sequence,
  start: window_start,
  end: window_end,
  cancelled: status === "cancelled",
  number: row.number,
  customer: row.customer,
  services: listed(row.services ?? []),
  location: row.address ? addressLine(row.address) : "",
  business: row.business_name,
  updated_at: row.updated_at,
  read_at: now,
});

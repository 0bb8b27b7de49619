import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";

/** A visit that must be reassigned or moved. */
export interface BookedVisit {
  id: string;
  number: number;
  window_start: Date;
  window_end: Date;
}

/** Open visits of a technician that overlap the interval, in time order; `to: null` means no end. */
export const findBookedVisits = (
  db: EntityManager,
  technicianId: string,
  { from, to }: { from: Date; to: Date | null },
): Promise<BookedVisit[]> =>
  rows(
    db,
    `SELECT id, number, window_start, window_end FROM ticket
     WHERE technician_id = $1 AND status IN ('scheduled', 'in_progress')
       AND window_end > $2 AND ($3::timestamptz IS NULL OR window_start < $3)
     ORDER BY window_start`,
    [technicianId, from, to],
  );

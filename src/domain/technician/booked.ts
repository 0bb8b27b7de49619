import type { EntityManager } from "typeorm";
import { rows } from "../../entities/database.ts";

/** A visit that somebody else must do, or at another time. */
export interface Booked {
  id: string;
  number: number;
  window_start: Date;
}

/** Visits that a technician has still to do, that touch the time between two instants, in their order. */
export const bookedVisits = (
  db: EntityManager,
  technicianId: string,
  { from, to }: { from: Date; to: Date | null },
): Promise<Booked[]> =>
  rows(
    db,
    `SELECT id, number, window_start FROM ticket
     WHERE technician_id = $1 AND status IN ('scheduled', 'in_progress')
       AND window_end > $2 AND ($3::timestamptz IS NULL OR window_start < $3)
     ORDER BY window_start`,
    [technicianId, from, to],
  );

import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import type { Settings } from "../../entities/settings.ts";
import type { Technician } from "../../entities/technician.ts";
import { daysOff, localDays } from "../schedule/days-off.ts";
import type { Interval } from "../schedule/interval.ts";

const BUSY = prepared(
  `SELECT lower(during) AS "from", upper(during) AS "to" FROM ticket
   WHERE technician_id = $1 AND status IN ('scheduled', 'in_progress') AND during && tstzrange($2, $3)
     AND id IS DISTINCT FROM $4
   ORDER BY during`,
);

/**
 * The technician's visits that overlap the interval, in time order, each with its travel buffer. `except` is the visit
 * that is being booked: it does not block itself.
 */
export const readBusyTimes = (
  db: EntityManager,
  technicianId: string,
  { from, to, except }: Interval & { except?: string },
): Promise<Interval[]> => rows(db, BUSY, [technicianId, from, to, except ?? null]);

const HOLIDAYS = prepared(
  "SELECT date, name FROM holiday WHERE archived_at IS NULL AND date BETWEEN $1 AND $2",
);

/** Local days of the interval on which the technician cannot be booked: `2026-12-24` → reason. */
export async function readDaysOff(
  db: EntityManager,
  { technician, settings }: { technician: Technician; settings: Settings },
  interval: Interval,
): Promise<Map<string, string>> {
  const zone = settings.timezone;
  const [first, last] = localDays(interval, zone);
  const holidays = await rows<{ date: string; name: string }>(db, HOLIDAYS, [
    first.toString(),
    last.toString(),
  ]);
  return daysOff({ technician, holidays, zone }, interval);
}

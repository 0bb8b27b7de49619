import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import type { Settings } from "../../entities/settings.ts";
import type { Technician } from "../../entities/technician.ts";
import {
  type BusinessCalendar,
  type Busy,
  dayOf,
  localDays,
  type TechnicianCalendar,
} from "../schedule/calendar.ts";
import type { Interval } from "../schedule/interval.ts";

const BUSY = prepared(
  `SELECT t.technician_id, t.number, lower(t.during) AS "from", upper(t.during) AS "to", a.postal_code
   FROM ticket t LEFT JOIN address a ON a.id = t.address_id
   WHERE t.technician_id = ANY($1) AND t.status IN ('scheduled', 'in_progress') AND t.during && tstzrange($2, $3)
     AND t.id IS DISTINCT FROM $4
   ORDER BY t.during`,
);

const HOLIDAYS = prepared(
  "SELECT id, date, name FROM holiday WHERE archived_at IS NULL AND date BETWEEN $1 AND $2",
);

export interface Calendars {
  business: BusinessCalendar;
  /** In the order of the technicians. */
  technicians: TechnicianCalendar[];
}

/**
 * What is needed to tell when these technicians are free on the local days that the interval touches, in two statements.
 * `except`: the visit that is being booked does not block itself.
 */
export async function readCalendars(
  db: EntityManager,
  {
    technicians,
    settings,
    except,
  }: { technicians: readonly Technician[]; settings: Settings; except?: string },
  interval: Interval,
): Promise<Calendars> {
  const zone = settings.timezone;
  const ids = technicians.map(({ id }) => id);
  const [from, to] = [dayOf(interval.from, zone).from, dayOf(interval.to, zone).to];
  const busy = await rows<Busy & { technician_id: string }>(db, BUSY, [ids, from, to, except ?? null]);
  const [first, last] = localDays(interval, zone);
  const holidays = await rows<{ id: string; date: string; name: string }>(db, HOLIDAYS, [
    first.toString(),
    last.toString(),
  ]);
  return {
    business: { zone, holidays: new Map(holidays.map(({ date, id, name }) => [date, { id, name }])) },
    technicians: technicians.map((technician) => ({
      technician,
      busy: busy.filter(({ technician_id }) => technician_id === technician.id),
    })),
  };
}

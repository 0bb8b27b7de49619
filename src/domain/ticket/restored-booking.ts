import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { Contact } from "../../entities/contact.ts";
import type { Holiday } from "../../entities/holiday.ts";
import { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { readById } from "../core/records.ts";
import type { Obstacle, RowImage } from "../core/reversal.ts";
import { daysOff, localDays } from "../schedule/days-off.ts";
import type { Interval } from "../schedule/interval.ts";
import { settingsOf } from "../settings/current.ts";

/** The image of a visit that takes up a technician's time. */
export type BookedRow = RowImage & { customer_id: string; technician_id: string; during: string };

/**
 * What prevents a visit from coming back at its old time: the rules of `bookAppointment`, without its search for free
 * starts, because an undo cannot choose another time. Locks the technician as a booking does.
 */
export async function findBookingObstacle(
  db: EntityManager,
  id: string,
  visit: BookedRow,
): Promise<Obstacle | null> {
  const technician = await readById(db, Technician, {
    id: visit.technician_id,
    lock: "FOR NO KEY UPDATE",
  });
  return (
    (await archivedCustomer(db, visit)) ??
    (technician && ((await absence(db, technician, visit)) ?? (await otherVisit(db, id, visit)))) ??
    null
  );
}

async function archivedCustomer(db: EntityManager, { customer_id }: BookedRow): Promise<Obstacle | null> {
  const contact = await readById(db, Contact, { id: customer_id, lock: "FOR KEY SHARE" });
  if (!contact?.archived_at) return null; // Without a row, the same undo restores the customer too.
  return { record: contact.id, message: `${contact.name} is archived and accepts no visits` };
}

async function absence(
  db: EntityManager,
  technician: Technician,
  { during }: BookedRow,
): Promise<Obstacle | null> {
  const { id: record, name } = technician;
  if (!technician.active) return { record, message: `${name} is not active` };
  const { timezone: zone } = await settingsOf(db);
  const [interval] = await rows<Interval>(
    db,
    `SELECT lower($1::tstzrange) AS "from", upper($1::tstzrange) AS "to"`,
    [during],
  );
  if (!interval) throw new Error("a SELECT without FROM returns one row");
  const [[date, reason] = []] = daysOff({ technician, holidays: [], zone }, interval);
  if (date) return { record, message: `${reason} on ${date}` };
  const [first, last] = localDays(interval, zone);
  const [holiday] = await rows<Holiday>(
    db,
    "SELECT * FROM holiday WHERE archived_at IS NULL AND date BETWEEN $1 AND $2 LIMIT 1",
    [first.toString(), last.toString()],
  );
  return holiday
    ? { record: holiday.id, message: `The business is closed on ${holiday.date} (${holiday.name})` }
    : null;
}

async function otherVisit(
  db: EntityManager,
  id: string,
  { technician_id, during }: BookedRow,
): Promise<Obstacle | null> {
  const [other] = await rows<Pick<Ticket, "id" | "number">>(
    db,
    `SELECT id, number FROM ticket WHERE technician_id = $1 AND during && $2::tstzrange AND id <> $3
       AND status IN ('scheduled', 'in_progress') LIMIT 1`,
    [technician_id, during, id],
  );
  return other ? { record: other.id, message: `Visit #${other.number} takes up that time` } : null;
}

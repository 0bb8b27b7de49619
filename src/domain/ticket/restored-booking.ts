import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { Contact } from "../../entities/contact.ts";
import { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { readById } from "../core/records.ts";
import type { Obstacle, RowImage } from "../core/reversal.ts";
import { whyUnavailable } from "../schedule/obstacle.ts";
import { settingsOf } from "../settings/current.ts";
import { readCalendars } from "./technician-calendar.ts";

/** The image of a visit that takes up a technician's time. */
export type BookedRow = RowImage & {
  customer_id: string;
  technician_id: string;
  during: string;
  window_start: string;
  window_end: string;
  outside_hours: boolean;
};

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
    (technician &&
      ((await absence(db, technician, { ...visit, id })) ?? (await otherVisit(db, id, visit)))) ??
    null
  );
}

async function archivedCustomer(db: EntityManager, { customer_id }: BookedRow): Promise<Obstacle | null> {
  const contact = await readById(db, Contact, { id: customer_id, lock: "FOR KEY SHARE" });
  if (!contact?.archived_at) return null; // Without a row, the same undo restores the customer too.
  return { record: contact.id, message: `${contact.name} is archived and accepts no visits` };
}

/** Hours and holidays bind, unless the visit was booked outside them. */
async function absence(
  db: EntityManager,
  technician: Technician,
  visit: BookedRow & { id: string },
): Promise<Obstacle | null> {
  const { id: record, name } = technician;
  if (!technician.active) return { record, message: `${name} is not active` };
  const settings = await settingsOf(db);
  const window = { from: new Date(visit.window_start), to: new Date(visit.window_end) };
  const { business, technicians } = await readCalendars(
    db,
    { technicians: [technician], settings, except: visit.id },
    window,
  );
  const [calendar] = technicians;
  if (!calendar) throw new Error("one technician was read");
  const found = whyUnavailable(
    { ...calendar, busy: [] }, // otherVisit names the visit.
    business,
    { window, bufferMinutes: 0, outsideHours: visit.outside_hours },
  );
  return found && { record: found.record ?? record, message: found.message };
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

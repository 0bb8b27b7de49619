import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import { hashOf, looksLikeSecret } from "../core/secrets.ts";
import { readTechnicianEntries } from "../ticket/calendar-entry.ts";
import { calendarFeed } from "../ticket/calendar-file.ts";

const OWNER_OF_LINK =
  prepared(`SELECT t.id, t.name FROM calendar_link l JOIN technician t ON t.id = l.technician_id
  WHERE l.token_hash = $1 AND t.active`);

/** The iCalendar text behind the secret of a link. Null: no active technician has this link. */
export async function readCalendarFeed(db: EntityManager, secret: string, now: Date): Promise<string | null> {
  const technician = await ownerOfLink(db, secret);
  return technician && calendarFeed(technician.name, await readTechnicianEntries(db, technician.id, now));
}

/** The active technician who has this link. */
export async function ownerOfLink(
  db: EntityManager,
  secret: string,
): Promise<{ id: string; name: string } | null> {
  if (!looksLikeSecret(secret)) return null;
  const [technician] = await rows<{ id: string; name: string }>(db, OWNER_OF_LINK, [hashOf(secret)]);
  return technician ?? null;
}

export const endCalendarLink = (db: EntityManager, technicianId: string): Promise<unknown> =>
  rows(db, "DELETE FROM calendar_link WHERE technician_id = $1", [technicianId]);

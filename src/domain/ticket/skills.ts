import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../entities/database.ts";
import type { Technician } from "../../entities/technician.ts";

/** A skill that a service asks for. */
export interface Need {
  skill: string;
  /** The service's name. */
  service: string;
}

const NEEDS = prepared(
  `SELECT DISTINCT s.required_skill AS skill, s.name AS service FROM line_item l
   JOIN service s ON s.id = l.service_id WHERE l.ticket_id = $1 AND s.required_skill IS NOT NULL
   ORDER BY skill, service`,
);

/** What the services on a visit ask of whoever goes there, as they stand now. */
export const needsOf = (db: EntityManager, ticketId: string): Promise<Need[]> => rows(db, NEEDS, [ticketId]);

const plain = (skill: string): string => skill.trim().toLowerCase();

/** The needs that a technician does not meet. */
export function lacking({ skills }: Technician, needs: readonly Need[]): Need[] {
  const has = new Set(skills.map(plain));
  return needs.filter(({ skill }) => !has.has(plain(skill)));
}

/** `ladder (for Gutters cleared), solar (for Solar panels rinsed)` */
export const inWords = (needs: readonly Need[]): string =>
  needs.map(({ skill, service }) => `${skill} (for ${service})`).join(", ");

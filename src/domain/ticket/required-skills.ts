import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import type { Technician } from "../../entities/technician.ts";

/** A skill that a service requires. */
export interface RequiredSkill {
  skill: string;
  /** The service's name. */
  service: string;
}

const REQUIRED_SKILLS = prepared(
  `SELECT DISTINCT s.required_skill AS skill, s.name AS service FROM line_item l
   JOIN service s ON s.id = l.service_id WHERE l.ticket_id = $1 AND s.required_skill IS NOT NULL
   ORDER BY skill, service`,
);

/** The skills that the services on a visit require now; services may have changed since the line was written. */
export const requiredSkillsOf = (db: EntityManager, ticketId: string): Promise<RequiredSkill[]> =>
  rows(db, REQUIRED_SKILLS, [ticketId]);

const normalize = (skill: string): string => skill.trim().toLowerCase();

/** The required skills that the technician does not have. Case and surrounding spaces do not matter. */
export function missingSkills({ skills }: Technician, required: readonly RequiredSkill[]): RequiredSkill[] {
  const available = new Set(skills.map(normalize));
  return required.filter(({ skill }) => !available.has(normalize(skill)));
}

/** `ladder (for Gutters cleared), solar (for Solar panels rinsed)` */
export const listSkills = (required: readonly RequiredSkill[]): string =>
  required.map(({ skill, service }) => `${skill} (for ${service})`).join(", ");

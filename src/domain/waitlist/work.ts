import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { DEFAULT_MINUTES } from "../ticket/fields.ts";
import type { RequiredSkill } from "../ticket/required-skills.ts";

/** SQL: how long the work of an entry `r` takes. */
export const MINUTES = `coalesce(r.duration_minutes,
  (SELECT t.duration_minutes FROM ticket t WHERE t.id = r.ticket_id),
  (SELECT sum(s.duration_minutes) FROM service s WHERE s.id = ANY(r.service_ids)), ${DEFAULT_MINUTES})::int`;

/** What is done for somebody who waits. */
export interface Work {
  minutes: number;
  required: RequiredSkill[];
  services: string[];
  /** All of the services are still offered. */
  isOffered: boolean;
}

export async function workOf(db: EntityManager, { id }: Pick<WaitlistEntry, "id">): Promise<Work> {
  const [work] = await rows<Work>(
    db,
    `SELECT ${MINUTES} AS minutes,
       (SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') FROM service s WHERE s.id = ANY(r.service_ids)) AS services,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('skill', s.required_skill, 'service', s.name) ORDER BY s.name), '[]')
        FROM service s WHERE s.id = ANY(r.service_ids) AND s.required_skill IS NOT NULL) AS required,
       NOT EXISTS (SELECT FROM service s WHERE s.id = ANY(r.service_ids) AND (NOT s.active OR s.archived_at IS NOT NULL))
         AS "isOffered"
     FROM waitlist_entry r WHERE r.id = $1`,
    [id],
  );
  if (!work) throw new Error(`${id} was read before`);
  return work;
}

import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Technician } from "../../entities/technician.ts";
import type { Bind } from "../core/record-type.ts";
import type { Reference } from "../core/when/index.ts";
import type { Interval } from "../schedule/interval.ts";
import { fitsInto } from "../waitlist/fits.ts";
import { MINUTES } from "../waitlist/work.ts";

const MOST_SHOWN = 3;

export interface WhoWaits {
  /** How many would fit the gap. */
  count: number;
  /** Those who have waited longest. */
  best: Waiting[];
}

interface Waiting {
  id: string;
  customer_id: string;
  customer: string;
  services: string[];
  minutes: number;
}

interface Released {
  gap: Interval;
  technician: Technician;
  reference: Reference;
  /** The customer whose time it was. */
  except: string;
}

/** Customers on the waitlist whose days, times and work fit the gap, and for whose work the technician has the skills. */
export async function whoFits(
  db: EntityManager,
  { gap, technician, reference, except }: Released,
): Promise<WhoWaits> {
  const parameters: unknown[] = [];
  const bind: Bind = (value) => `$${parameters.push(value)}`;
  const found = await rows<Waiting & { count: number }>(
    db,
    `SELECT r.id, r.customer_id, c.name AS customer, ${MINUTES} AS minutes, (count(*) OVER ())::int AS count,
       (SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') FROM service s WHERE s.id = ANY(r.service_ids)) AS services
     FROM waitlist_entry r JOIN contact c ON c.id = r.customer_id
     WHERE r.state = 'waiting' AND r.customer_id <> ${bind(except)} AND ${fitsInto(gap, reference, bind)}
       AND NOT EXISTS (SELECT FROM service s WHERE s.id = ANY(r.service_ids) AND s.required_skill IS NOT NULL
         AND lower(trim(s.required_skill)) NOT IN (SELECT lower(trim(skill)) FROM unnest(${bind(technician.skills)}::text[]) skill))
     ORDER BY r.created_at, r.id LIMIT ${MOST_SHOWN}`,
    parameters,
  );
  return {
    count: found[0]?.count ?? 0,
    best: found.map(({ id, customer_id, customer, services, minutes }) => ({
      id,
      customer_id,
      customer,
      services,
      minutes,
    })),
  };
}

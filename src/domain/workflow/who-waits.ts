import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Technician } from "../../entities/technician.ts";
import { localTime, WEEKDAYS } from "../core/time.ts";
import type { DayParts } from "../../entities/settings.ts";
import { DEFAULT_MINUTES } from "../ticket/fields.ts";
import { missingSkills } from "../ticket/required-skills.ts";
import type { Gap } from "./gap.ts";

const MOST_SHOWN = 3;
/** Entries that are looked at, longest waiting first. */
const MOST_READ = 200;

export interface WhoWaits {
  /** How many would fit the gap. */
  count: number;
  /** Those who have waited longest. */
  best: { id: string; customer_id: string; customer: string; services: string[]; minutes: number }[];
}

interface Entry {
  id: string;
  customer_id: string;
  customer: string;
  services: string[];
  skills: string[];
  minutes: number;
}

/** Customers on the waitlist whose days, times and work fit the gap; `technician` must have the skills. */
export async function whoFits(
  db: EntityManager,
  gap: Gap,
  {
    technician,
    zone,
    parts,
    except,
  }: { technician: Technician; zone: string; parts: DayParts; except: string },
): Promise<WhoWaits> {
  const local = localTime(gap.from, zone);
  const waiting = await rows<Entry>(
    db,
    `SELECT w.id, w.customer_id, c.name AS customer, wanted.services, wanted.skills,
       coalesce(wanted.minutes, ${DEFAULT_MINUTES})::int AS minutes
     FROM waitlist_entry w JOIN contact c ON c.id = w.customer_id CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') AS services, sum(s.duration_minutes) AS minutes,
         coalesce(array_agg(DISTINCT s.required_skill) FILTER (WHERE s.required_skill IS NOT NULL), '{}') AS skills
       FROM service s WHERE s.id = ANY(w.service_ids)) wanted
     WHERE w.state = 'waiting' AND c.archived_at IS NULL AND w.customer_id <> $5
       AND (w.days = '{}' OR w.days @> ARRAY[$1]) AND (w.times = '{}' OR w.times && $2)
       AND (w.until IS NULL OR w.until >= $3) AND coalesce(wanted.minutes, ${DEFAULT_MINUTES}) <= $4
     ORDER BY w.created_at, w.id LIMIT ${MOST_READ}`,
    [
      WEEKDAYS[local.dayOfWeek - 1],
      partsOf(gap, zone, parts),
      local.toPlainDate().toString(),
      gap.minutes,
      except,
    ],
  );
  const fitting = waiting.filter(
    ({ skills }) =>
      missingSkills(
        technician,
        skills.map((skill) => ({ skill, service: "" })),
      ).length === 0,
  );
  const best = fitting.slice(0, MOST_SHOWN).map(({ id, customer_id, customer, services, minutes }) => ({
    id,
    customer_id,
    customer,
    services,
    minutes,
  }));
  return { count: fitting.length, best };
}

/** The parts of the day that the gap touches. */
function partsOf({ from, to }: Gap, zone: string, parts: DayParts): string[] {
  const clock = (at: Date) => localTime(at, zone).toPlainTime().toString({ smallestUnit: "minute" });
  const [begins, ends] = [clock(from), clock(to)];
  return Object.entries(parts)
    .filter(([, part]) => part.from < ends && begins < part.to)
    .map(([name]) => name);
}

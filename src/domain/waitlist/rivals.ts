import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { MINUTES } from "./work.ts";

interface Taken {
  /** The entry that takes the time. */
  except: string;
  technician_id: string;
  from: Date;
  /** With the travel afterwards. */
  to: Date;
}

/** The other entries with an offer of this technician that overlaps the interval. */
export async function rivalsOf(
  db: EntityManager,
  { except, technician_id, from, to }: Taken,
): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    `SELECT r.id FROM waitlist_entry r
     WHERE r.state = 'offered' AND r.offered_technician_id = $1 AND r.id <> $2
       AND r.offered_start < $4 AND r.offered_start + make_interval(mins => ${MINUTES}) > $3
     ORDER BY r.id`,
    [technician_id, except, from, to],
  );
  return found.map(({ id }) => id);
}

import type { EntityManager } from "typeorm";
import { rows } from "../../../database/sql.ts";
import type { User } from "../../../entities/user.ts";
import type { SecurityEvent } from "../../../entities/security-event.ts";
import type { Part, RefusedEntry, Wanted } from "./entry.ts";

type Row = SecurityEvent & { token_name: string | null; user_name: string | null; role: User["role"] | null };

const WHERE = "($1::text[] IS NULL OR principal = ANY($1))";

/** The refused attempts from the event `head` on; none if the filter names a record or a job. */
export async function refusedEntries(
  db: EntityManager,
  { record, job, actors, limit }: Wanted,
  head: number | null,
): Promise<Part<RefusedEntry>> {
  if (record || job !== null) return { entries: [], total: 0 };
  const found = await rows<Row>(
    db,
    `SELECT event.*, token.name AS token_name, person.name AS user_name, person.role
     FROM (SELECT * FROM security_event WHERE ${WHERE} AND ($2::bigint IS NULL OR id <= $2)
       ORDER BY id DESC LIMIT $3) AS event
     LEFT JOIN api_token token ON event.principal = 'agent:' || token.id
     LEFT JOIN "user" person ON event.principal = 'user:' || person.id
     ORDER BY event.id DESC`,
    [actors, head, limit + 1],
  );
  const [count] = await rows<{ total: number }>(
    db,
    `SELECT count(*) AS total FROM security_event WHERE ${WHERE}`,
    [actors],
  );
  return { entries: found.map(entryOf), total: count?.total ?? 0 };
}

const entryOf = ({
  id,
  at,
  principal,
  token_name,
  user_name,
  role,
  route,
  reason,
  ip,
  attempts,
}: Row): RefusedEntry => ({
  kind: "refused",
  event_id: id,
  at: at.toISOString(),
  actor: {
    key: principal,
    kind: principal.startsWith("agent:") ? "agent" : (role ?? "anonymous"),
    name: token_name ?? user_name ?? principal,
  },
  route,
  reason,
  ip,
  attempts: attempts ?? 1,
});

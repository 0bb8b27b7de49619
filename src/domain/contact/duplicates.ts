import type { EntityManager } from "typeorm";
import type { Phone } from "../../entities/contact.ts";
import { rows } from "../../entities/database.ts";
import { conflict } from "../core/errors.ts";

interface Known {
  phones?: readonly Phone[] | undefined;
  emails?: readonly string[] | undefined;
}

export interface Candidate {
  id: string;
  name: string;
  matched_on: ("phone" | "email")[];
}

const MOST_NAMED = 5;

/** Live contacts with one of these phones or e-mails, which are in the notation they are kept in. */
export async function likelyDuplicates(
  db: EntityManager,
  { phones = [], emails = [] }: Known,
): Promise<Candidate[]> {
  const numbers = phones.map(({ number }) => number);
  if (numbers.length + emails.length === 0) return [];
  await oneAtATime(db, [...numbers, ...emails]);
  const asKept = numbers.map((number) => JSON.stringify([{ number }]));
  return rows<Candidate>(db, duplicatesOf("$1", "$2"), [asKept, emails]);
}

/** SQL: the best matches first; the parameters are lists of phones, each as `[{"number": …}]`, and of e-mails. */
export function duplicatesOf(phones: string, emails: string): string {
  const byPhone = `phones @> ANY(${phones}::jsonb[])`;
  const byEmail = `emails && ${emails}::text[]`;
  return `SELECT id, name, array_remove(ARRAY[CASE WHEN ${byPhone} THEN 'phone' END, CASE WHEN ${byEmail} THEN 'email' END], NULL)
      AS matched_on
    FROM contact WHERE archived_at IS NULL AND (${byPhone} OR ${byEmail})
    ORDER BY (${byPhone})::int + (${byEmail})::int DESC, created_at, id LIMIT ${MOST_NAMED}`;
}

/** Two who add the same customer at the same time: the second waits, and then finds the first. */
const oneAtATime = (db: EntityManager, keys: readonly string[]) =>
  rows(
    db,
    `SELECT pg_advisory_xact_lock(hashtextextended('contact ' || key, 0))
     FROM (SELECT DISTINCT key FROM unnest($1::text[]) key ORDER BY key) AS ordered`,
    [keys],
  );

/** `conflict` that says who it may be; their names, which are strangers' words, stay in `candidates`. */
export function keptAlready(candidates: Candidate[]) {
  const said = candidates.map(({ id, matched_on }) => `${id} (same ${matched_on.join(" and ")})`);
  return conflict(
    `This may be a customer who is kept already: ${said.join(", ")}.`,
    "Look at them with crm_query and go on with that one. If it is somebody else, send it again with allow_duplicate: true.",
    { candidates },
  );
}

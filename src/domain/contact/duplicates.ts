import type { EntityManager } from "typeorm";
import type { Phone } from "../../entities/contact.ts";
import { rows } from "../../database/sql.ts";
import { conflict } from "../core/errors.ts";

interface Addresses {
  phones?: readonly Phone[] | undefined;
  emails?: readonly string[] | undefined;
}

export interface Candidate {
  id: string;
  name: string;
  matched_on: ("phone" | "email")[];
}

const MOST_NAMED = 5;

/** Active contacts with one of these phones or e-mails, which must be normalized. */
export async function findLikelyDuplicates(
  db: EntityManager,
  { phones = [], emails = [] }: Addresses,
): Promise<Candidate[]> {
  const numbers = phones.map(({ number }) => number);
  if (numbers.length + emails.length === 0) return [];
  await lockAddresses(db, [...numbers, ...emails]);
  const phoneLists = numbers.map((number) => JSON.stringify([{ number }]));
  return rows<Candidate>(db, duplicatesSql("$1", "$2"), [phoneLists, emails]);
}

/** SQL, best matches first. Parameters: an array of phones, each as `[{"number": …}]`, and an array of e-mails. */
export function duplicatesSql(phones: string, emails: string): string {
  const byPhone = `phones @> ANY(${phones}::jsonb[])`;
  const byEmail = `emails && ${emails}::text[]`;
  return `SELECT id, name, array_remove(ARRAY[CASE WHEN ${byPhone} THEN 'phone' END, CASE WHEN ${byEmail} THEN 'email' END], NULL)
      AS matched_on
    FROM contact WHERE archived_at IS NULL AND (${byPhone} OR ${byEmail})
    ORDER BY (${byPhone})::int + (${byEmail})::int DESC, created_at, id LIMIT ${MOST_NAMED}`;
}

/** Serializes concurrent inserts of the same customer: the second one waits and then finds the first. */
const lockAddresses = (db: EntityManager, keys: readonly string[]) =>
  rows(
    db,
    `SELECT pg_advisory_xact_lock(hashtextextended('contact ' || key, 0))
     FROM (SELECT DISTINCT key FROM unnest($1::text[]) key ORDER BY key) AS ordered`,
    [keys],
  );

/** The message holds ids only: names are untrusted text and stay in `candidates`. */
export function possibleDuplicate(candidates: Candidate[]) {
  const matches = candidates.map(({ id, matched_on }) => `${id} (same ${matched_on.join(" and ")})`);
  return conflict(
    `This customer may already exist: ${matches.join(", ")}.`,
    "Read them with crm_query and use the existing one. If this is somebody else, repeat with allow_duplicate: true.",
    { candidates },
  );
}

import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../database/sql.ts";
import { text } from "../core/fields.ts";
import type { Field } from "./search/score.ts";
import { type Hit, findLikelyMatches } from "./search/search.ts";
import { type VisitHistory, readVisitHistories } from "./visit-history.ts";

export const findInput = z.strictObject({
  query: text(500).describe("Search: name, phone, address, 'elderly woman in Madison', etc."),
  include_history: z.boolean().default(false).describe("Include service history summary"),
});

export type FindInput = z.output<typeof findInput>;

export interface Candidate {
  id: string;
  name: string;
  /** 0–1 */
  score: number;
  matched_on: Field[];
  /** Name, company, phone and address in one line. */
  summary: string;
  /** Start of the notes, if the notes matched. */
  untrusted_notes?: string;
  history?: VisitHistory;
}

export interface FindAnswer {
  candidates: Candidate[];
  /** Words of the query that were left out: it had too many. */
  ignored_words?: string[];
}

const MOST_CANDIDATES = 10;

const MOST_PER_LOOKUP = 60;
const NOTES_LENGTH = 200;

/**
 * Ranks the customers that may be meant; the caller chooses. Archived customers are left out. The index holds the names
 * of merged duplicates under the contact that they were merged into.
 */
export const findCustomers = (db: DataSource, input: FindInput, now: Date): Promise<FindAnswer> =>
  db.transaction("REPEATABLE READ", async (snapshot) => {
    await snapshot.query("SET TRANSACTION READ ONLY");
    return findIn(snapshot, input, now);
  });

/** As `findCustomers`, in the caller's snapshot. */
export async function findIn(
  snapshot: EntityManager,
  { query, include_history }: FindInput,
  now: Date,
): Promise<FindAnswer> {
  const { hits, ignored } = await findLikelyMatches(snapshot, query, {
    where: () => "r.archived_at IS NULL AND r.merged_into_id IS NULL",
    most: MOST_PER_LOOKUP,
  });
  const best = hits.slice(0, MOST_CANDIDATES);
  const ids = best.map(({ id }) => id);
  const details = await readDetails(snapshot, ids);
  const histories = include_history ? await readVisitHistories(snapshot, ids, now) : undefined;
  const candidates = best.flatMap((hit): Candidate[] => {
    const contact = details.get(hit.id);
    const history = histories?.get(hit.id);
    return contact ? [{ ...candidateOf(hit, contact), ...(history && { history }) }] : [];
  });
  return { candidates, ...(ignored.length > 0 && { ignored_words: ignored }) };
}

function candidateOf(
  { id, score, matched_on }: Hit,
  { name, company, phone, address, notes }: Details,
): Candidate {
  const untrusted_notes = matched_on.includes("notes") && notes?.slice(0, NOTES_LENGTH);
  return {
    id,
    name,
    score,
    matched_on,
    summary: [name, company, phone, address].filter(Boolean).join(" · "),
    ...(untrusted_notes && { untrusted_notes }),
  };
}

interface Details {
  id: string;
  name: string;
  company: string | null;
  phone: string | null;
  address: string | null;
  notes: string | null;
}

async function readDetails(db: EntityManager, ids: string[]): Promise<Map<string, Details>> {
  const found = await rows<Details>(
    db,
    `SELECT r.id, r.name, r.company, r.notes, r.phones->0->>'number' AS phone,
       (SELECT concat_ws(', ', array_to_string(a.lines, ', '), a.city, a.region) FROM address a
         WHERE a.contact_id = r.id ORDER BY a.kind DESC, a.created_at, a.id LIMIT 1) AS address
     FROM contact r WHERE r.id = ANY($1)`,
    [ids],
  );
  return new Map(found.map((one) => [one.id, one]));
}

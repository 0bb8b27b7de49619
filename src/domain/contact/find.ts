import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../entities/database.ts";
import { text } from "../core/text.ts";
import type { Field } from "./search/score.ts";
import { type Hit, likelyMatches } from "./search/search.ts";
import { type VisitHistory, visitHistories } from "./visit-history.ts";

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
  /** Who and where, in one line. */
  summary: string;
  /** The beginning of the notes, where they matched. */
  untrusted_notes?: string;
  history?: VisitHistory;
}

const MOST_CANDIDATES = 10;
/** Customers to look at, per way of reading the search. */
const MOST_LOOKED_AT = 60;
const NOTES_SHOWN = 200;

/**
 * Customers who may be meant, the likeliest first; those archived are left out, those merged answer through whom they
 * were merged into. It never chooses.
 */
export async function findCustomers(
  db: DataSource,
  { query, include_history }: FindInput,
  now: Date,
): Promise<{ candidates: Candidate[] }> {
  return db.transaction("REPEATABLE READ", async (snapshot) => {
    await snapshot.query("SET TRANSACTION READ ONLY");
    const hits = await likelyMatches(snapshot, query, {
      where: () => "r.archived_at IS NULL AND r.merged_into_id IS NULL",
      most: MOST_LOOKED_AT,
    });
    const best = hits.slice(0, MOST_CANDIDATES);
    const ids = best.map(({ id }) => id);
    const people = await describe(snapshot, ids);
    const histories = include_history ? await visitHistories(snapshot, ids, now) : undefined;
    const candidates = best.flatMap((hit): Candidate[] => {
      const person = people.get(hit.id);
      const history = histories?.get(hit.id);
      return person ? [{ ...candidateOf(hit, person), ...(history && { history }) }] : [];
    });
    return { candidates };
  });
}

function candidateOf(
  { id, score, matched_on }: Hit,
  { name, company, phone, address, notes }: Person,
): Candidate {
  const untrusted_notes = matched_on.includes("notes") && notes?.slice(0, NOTES_SHOWN);
  return {
    id,
    name,
    score,
    matched_on,
    summary: [name, company, phone, address].filter(Boolean).join(" · "),
    ...(untrusted_notes && { untrusted_notes }),
  };
}

interface Person {
  id: string;
  name: string;
  company: string | null;
  phone: string | null;
  address: string | null;
  notes: string | null;
}

async function describe(db: EntityManager, ids: string[]): Promise<Map<string, Person>> {
  const found = await rows<Person>(
    db,
    `SELECT r.id, r.name, r.company, r.notes, r.phones->0->>'number' AS phone,
       (SELECT concat_ws(', ', array_to_string(a.lines, ', '), a.city, a.region) FROM address a
         WHERE a.contact_id = r.id ORDER BY a.kind DESC, a.created_at, a.id LIMIT 1) AS address
     FROM contact r WHERE r.id = ANY($1)`,
    [ids],
  );
  return new Map(found.map((one) => [one.id, one]));
}

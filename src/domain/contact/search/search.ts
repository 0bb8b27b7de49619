import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../../database/sql.ts";
import { estimateRows } from "../../query/count.ts";
import { parameters } from "../../query/sql.ts";
import type { Bind, RankedPage } from "../../core/record-type.ts";
import { type Lookup, looserLookups, phoneLookups, preferredLookups, exactLookups } from "./lookups.ts";
import { expandKnownWords, type ExpandedTerm, expandTerms } from "./expand-terms.ts";
import { type IndexedContact, type Score, scoreMatch } from "./score.ts";

/**
 * Customer search: typing errors are corrected by SymSpell-style deletes (expand-terms.ts), an index on weighted full
 * text finds the contacts (lookups.ts), and score.ts ranks them.
 */

/** A customer that matches a search. */
export interface Hit extends Score {
  id: string;
}

/** SQL predicate over the contact `r`. */
type Predicate = (bind: Bind) => string;

interface SearchScope {
  where: Predicate;
  /** Most customers to read per lookup. */
  most: number;
}

/** With fewer matches than this, corrections of known words are looked up too. */
const ENOUGH_MATCHES = 5;

/** In a longer search, one mistyped known word rarely decides the result. */
const FEW_TERMS = 3;

/** The best `scope.most` customers that match all terms, ranked, with their total, which is estimated if it is large. */
export async function findBestMatches(
  db: EntityManager,
  text: string,
  scope: SearchScope,
): Promise<RankedPage> {
  const matches = await withIndexScan(db, () => matchAllTerms(db, text, scope));
  const { found, expanded, truncated } = matches;
  const hits = rank(matches).slice(0, scope.most);
  const best = hits.map(({ id, score }) => ({ id, score: Math.round(score * 1000) }));
  const [first] = exactLookups(expanded);
  if (!truncated || !first) return { ranked: best, total: found.size };
  const { values, bind } = parameters();
  const source = fromClause(first, scope.where, bind);
  return { ranked: best, ...(await estimateRows(db, source, { values, atLeast: found.size })) };
}

/** Customers that match all terms or, without a clear match, most of them; the best first. */
export const findLikelyMatches = (
  db: EntityManager,
  text: string,
  scope: SearchScope,
): Promise<{ hits: Hit[]; ignored: string[] }> =>
  withIndexScan(db, async () => {
    const matches = await matchAllTerms(db, text, scope);
    for (const lookups of looserLookups(matches.expanded)) {
      if (isClear(matches)) break;
      add(matches, await runLookups(db, lookups, scope));
    }
    return { hits: rank(matches), ignored: matches.ignored };
  });

/** Enough matches, or one that scores higher than any contact that matches all terms but one. */
function isClear(matches: Matches): boolean {
  const terms = matches.expanded.length;
  const [best] = rank(matches);
  return matches.found.size >= ENOUGH_MATCHES || (best !== undefined && best.score >= (terms - 1) / terms);
}

interface LookupResult {
  found: Map<string, IndexedContact>;
  /** A lookup had more matches than `scope.most`. */
  truncated: boolean;
}

interface Matches extends LookupResult {
  expanded: ExpandedTerm[];
  /** Words beyond the limit. */
  ignored: string[];
}

/** Few matches: adds those of corrected known words. Too many: adds the likelier ones, which the limit may have cut off. */
async function matchAllTerms(db: EntityManager, text: string, scope: SearchScope): Promise<Matches> {
  const { expanded, ignored } = await expandTerms(db, text);
  const matches: Matches = { expanded, ignored, found: new Map(), truncated: false };
  const seen = new Set<string>();
  const run = async (lookups: readonly Lookup[]) => {
    const unseen = lookups.filter((lookup) => !seen.has(JSON.stringify(lookup)));
    for (const lookup of unseen) seen.add(JSON.stringify(lookup));
    add(matches, await runLookups(db, unseen, scope));
  };
  const onlyNumbers = expanded.every(({ term }) => term.kind === "number");
  await run([...exactLookups(expanded), ...(onlyNumbers ? phoneLookups(expanded) : [])]);
  const { size } = matches.found;
  if (size === 0 || (size < ENOUGH_MATCHES && expanded.length <= FEW_TERMS)) {
    matches.expanded = await expandKnownWords(db, expanded);
    await run(exactLookups(matches.expanded));
  }
  if (matches.found.size === 0 && !onlyNumbers) await run(phoneLookups(expanded));
  if (matches.truncated) await run(preferredLookups(matches.expanded));
  return matches;
}

function add(matches: LookupResult, more: LookupResult): void {
  for (const [id, contact] of more.found) matches.found.set(id, contact);
  matches.truncated ||= more.truncated;
}

/** Reads up to `scope.most` customers for each lookup. */
async function runLookups(
  db: EntityManager,
  lookups: readonly Lookup[],
  scope: SearchScope,
): Promise<LookupResult> {
  const found = new Map<string, IndexedContact>();
  const counts = new Map<number, number>();
  const numbered = lookups.map((lookup, at) => ({
    ...lookup,
    at,
    digits: lookup.digits.map((fragment) => `%${fragment}%`),
  }));
  const byWords = numbered.filter(({ words }) => words !== "");
  const byDigits = numbered.filter(({ words }) => words === "");
  const statements: [typeof numbered, string][] = [
    [byWords, "s.words @@ lookup.words::tsquery"],
    [byDigits, "s.digits LIKE lookup.digits[1]"], // One fragment uses the index; the others are filters.
  ];
  for (const [group, condition] of statements) {
    if (group.length === 0) continue;
    for (const { at, ...contact } of await readMatches(
      db,
      { lookups: JSON.stringify(group), condition },
      scope,
    )) {
      counts.set(at, (counts.get(at) ?? 0) + 1);
      found.set(contact.id, contact);
    }
  }
  return { found, truncated: [...counts.values()].some((count) => count > scope.most) };
}

interface LookupStatement {
  /** JSON array of numbered lookups. */
  lookups: string;
  /** SQL over `s` and `lookup` that an index serves. */
  condition: string;
}

/**
 * Runs all lookups in one statement, each with its own LIMIT. The table is partitioned, so a lookup ends at the first
 * partitions that have enough matches. OFFSET 0 stops the planner from scanning contacts and probing the index.
 */
async function readMatches(
  db: EntityManager,
  { lookups, condition }: LookupStatement,
  { where, most }: SearchScope,
): Promise<(IndexedContact & { at: number })[]> {
  const { values, bind } = parameters();
  const text = `SELECT lookup.at, one.* FROM jsonb_to_recordset(${bind(lookups)}::jsonb) AS lookup(at int, words text, digits text[]),
    LATERAL (SELECT s.contact_id AS id, r.name, s.digits, s.words::text AS words
      FROM contact_search s, LATERAL (SELECT r.name FROM contact r WHERE r.id = s.contact_id AND ${where(bind)} OFFSET 0) r
      WHERE ${condition} AND s.digits LIKE ALL (lookup.digits) LIMIT ${most + 1}) one`;
  const isConstant = values.length === 1; // `where` binds nothing, so the text never varies.
  return rows(db, isConstant ? prepared(text) : text, values);
}

/** Forces the planner onto the word index: its estimates for several words together are wrong by orders of magnitude. */
const FORCE_INDEX = prepared(
  `SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
     set_config('plan_cache_mode', 'force_generic_plan', true)`,
);
const RESET_PLANNER = prepared(
  "SELECT set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'auto', true)",
);

async function withIndexScan<T>(db: EntityManager, work: () => Promise<T>): Promise<T> {
  await rows(db, FORCE_INDEX);
  const result = await work();
  await rows(db, RESET_PLANNER);
  return result;
}

/** `FROM … WHERE …` over contacts `r`. */
function fromClause({ words, digits }: Lookup, where: Predicate, bind: Bind): string {
  const conditions = [
    ...(words ? [`s.words @@ ${bind(words)}::tsquery`] : []),
    ...digits.map((fragment) => `s.digits LIKE ${bind(`%${fragment}%`)}`),
    where(bind),
  ];
  return `FROM contact_search s JOIN contact r ON r.id = s.contact_id WHERE ${conditions.join(" AND ")}`;
}

const rank = ({ found, expanded }: Matches): Hit[] =>
  [...found.values()]
    .map((contact) => ({
      name: contact.name,
      hit: { id: contact.id, ...scoreMatch(contact, expanded) },
    }))
    .sort(
      ({ name: nameA, hit: a }, { name: nameB, hit: b }) =>
        b.score - a.score ||
        Number(b.visited) - Number(a.visited) ||
        compare(nameA, nameB) ||
        compare(a.id, b.id),
    )
    .map(({ hit }) => hit);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

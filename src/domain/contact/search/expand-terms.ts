import { distance } from "fastest-levenshtein";
import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../../database/sql.ts";
import { allTerms, extractNumbersAndEmails, synonymsOf, type Term } from "./terms.ts";

/** A search term with every indexed word that it may mean: corrections, completions and synonyms. */
export interface ExpandedTerm {
  term: Term;
  /** Indexed word → confidence that it is meant, 0–1. */
  words: ReadonlyMap<string, number>;
  /** The index contains the word exactly as it was typed. */
  known: boolean;
}

/** Confidence in a synonym. */
export const SYNONYM_CONFIDENCE = 0.95;

/** A word that exists is rarely a typo of another one: factor on the confidence of its corrections. */
const KNOWN_WORD_FACTOR = 0.75;

/** Shorter words are not corrected: one edit turns them into a different word. */
const SHORTEST_CORRECTED = 3;
/** Two edits longer than the longest indexed word (`is_vocabulary_word`). A word of n letters has n²/2 variants. */
const LONGEST_CORRECTED = 42;
const SHORTEST_COMPLETED = 3;
const MOST_PER_WORD = { corrected: 20, completed: 15 };
/** A completion that adds at most this many letters gets the higher confidence. */
const SHORT_COMPLETION = 3;

const SPLIT = prepared(
  `SELECT lexeme AS word, EXISTS (SELECT FROM search_word known WHERE known.word = lexeme COLLATE "C") AS known
   FROM unnest(search_words($1)) ORDER BY positions[1]`,
);

interface Candidate {
  word: string;
  near: string;
  /** Trigram similarity, 0–1. */
  similarity: number;
}

/**
 * Candidates for each word. Corrections are found as in SymSpell: `slips()` returns the word with one or two letters
 * deleted, and an index holds the same deletes of every indexed word. Completions are found by prefix.
 */
const CANDIDATES = prepared(
  `SELECT asked.word, near.word AS near, similarity(asked.word, near.word) AS similarity
   FROM unnest($1::text[]) AS asked(word), LATERAL (
     (SELECT v.word FROM search_word v WHERE deletion_variants(v.word) && deletion_variants(asked.word) AND length(asked.word) BETWEEN ${SHORTEST_CORRECTED} AND ${LONGEST_CORRECTED}
       GROUP BY v.word ORDER BY similarity(v.word, asked.word) DESC, v.word LIMIT 50)
     UNION
     (SELECT DISTINCT v.word FROM search_word v WHERE length(asked.word) >= ${SHORTEST_COMPLETED}
       AND v.word >= asked.word COLLATE "C" AND v.word < (asked.word || chr(1114111)) COLLATE "C"
       ORDER BY v.word LIMIT 30)) near`,
);

/**
 * Splits the search text into terms. Known words are kept as they are; unknown ones get corrections and completions.
 * `ignored`: the words beyond the limit.
 */
export async function expandTerms(
  db: EntityManager,
  text: string,
): Promise<{ expanded: ExpandedTerm[]; ignored: string[] }> {
  const extracted = extractNumbersAndEmails(text);
  const split = await rows<{ word: string; known: boolean }>(db, SPLIT, [extracted.rest]);
  const known = new Set(split.flatMap((one) => (one.known ? [one.word] : [])));
  const { terms, ignored } = allTerms(
    extracted,
    split.map(({ word }) => word),
  );
  const unexpanded = terms.map((term): ExpandedTerm => {
    if (term.kind !== "word") return { term, words: wordOfNumber(term), known: true };
    return { term, words: wordsFor(term.word, [], 1), known: known.has(term.word) };
  });
  return { expanded: await addCandidates(db, unexpanded, (entry) => !entry.known), ignored };
}

/** Adds corrections and completions to known words too. */
export const expandKnownWords = (
  db: EntityManager,
  expanded: readonly ExpandedTerm[],
): Promise<ExpandedTerm[]> => addCandidates(db, expanded, ({ known }) => known);

async function addCandidates(
  db: EntityManager,
  expanded: readonly ExpandedTerm[],
  isChosen: (entry: ExpandedTerm) => boolean,
): Promise<ExpandedTerm[]> {
  const asked = expanded.flatMap((entry) =>
    entry.term.kind === "word" && isChosen(entry) && /^\D+$/.test(entry.term.word) ? [entry.term.word] : [],
  );
  if (asked.length === 0) return [...expanded];
  const candidates = await rows<Candidate>(db, CANDIDATES, [asked]);
  return expanded.map((entry) => {
    const { term, known } = entry;
    if (term.kind !== "word" || !asked.includes(term.word)) return entry;
    const own = candidates.filter(({ word }) => word === term.word);
    return { term, words: wordsFor(term.word, own, known ? KNOWN_WORD_FACTOR : 1), known };
  });
}

const wordOfNumber = (term: Term): Map<string, number> =>
  new Map(term.kind === "number" && term.word ? [[term.word, 1]] : []);

/** The word, its synonyms and the best candidates with their confidence; `factor` scales that of the candidates. */
function wordsFor(word: string, candidates: readonly Candidate[], factor: number): Map<string, number> {
  const guesses = candidates
    .map(({ near, similarity }) => ({ near, similarity, confidence: confidenceIn(word, near) * factor }))
    .filter(({ near, confidence }) => confidence > 0 && near !== word)
    .sort((a, b) => b.confidence - a.confidence || b.similarity - a.similarity || (a.near < b.near ? -1 : 1));
  const completed = guesses.filter(({ near }) => near.startsWith(word)).slice(0, MOST_PER_WORD.completed);
  const corrected = guesses.filter(({ near }) => !near.startsWith(word)).slice(0, MOST_PER_WORD.corrected);
  return new Map([
    ...[...completed, ...corrected].map(({ near, confidence }): [string, number] => [near, confidence]),
    ...synonymsOf(word).map((synonym): [string, number] => [synonym, SYNONYM_CONFIDENCE]),
    [word, 1],
  ]);
}

/** Confidence, 0–1, that `word` was typed for `guess`: 0.9 for a short completion, less for each edit. */
function confidenceIn(word: string, guess: string): number {
  if (guess.startsWith(word)) return guess.length - word.length <= SHORT_COMPLETION ? 0.9 : 0.75;
  if (word.length < SHORTEST_CORRECTED) return 0;
  const edits = distance(word, guess);
  const allowed = word.length < 6 ? 1 : 2;
  // A transposition has Levenshtein distance 2 but is one typing error.
  const swapped = edits === 2 && [...word].sort().join("") === [...guess].sort().join("");
  if (swapped) return 0.8;
  return edits <= allowed ? 0.9 - edits / 10 : 0;
}

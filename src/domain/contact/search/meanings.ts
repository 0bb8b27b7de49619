import { distance } from "fastest-levenshtein";
import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../../entities/database.ts";
import { allTerms, numbersAndEmails, sameAs, type Term } from "./terms.ts";

/** A term with all that it may stand for, as it stands in the index: word → how sure that is, 0–1. */
export interface Meaning {
  term: Term;
  /** Word of the index → how sure that it is meant, 0–1. */
  words: ReadonlyMap<string, number>;
  /** Somebody's record has the word just as it was written. */
  known: boolean;
}

/** How sure it is that another word for the same was meant. */
export const SAME_SENSE = 0.95;
/** Who writes a word that there is seldom means another one. */
const DOUBT = 0.75;

/** Below this many characters a slip of the pen makes another word. */
const SHORTEST_CORRECTED = 3;
const SHORTEST_COMPLETED = 3;
const MOST_PER_WORD = { corrected: 20, completed: 15 };
const FEW_LETTERS = 3;

const SPLIT = prepared(
  `SELECT lexeme AS word, EXISTS (SELECT FROM search_word known WHERE known.word = lexeme COLLATE "C") AS known
   FROM unnest(search_words($1)) ORDER BY positions[1]`,
);

interface Near {
  word: string;
  near: string;
  /** By trigrams, 0–1. */
  alike: number;
}

/** For each word those that a slip or two make it of, and those that begin with it. */
const NEAR = prepared(
  `SELECT asked.word, near.word AS near, similarity(asked.word, near.word) AS alike
   FROM unnest($1::text[]) AS asked(word), LATERAL (
     (SELECT v.word FROM search_word v WHERE slips(v.word) && slips(asked.word) AND length(asked.word) >= ${SHORTEST_CORRECTED}
       GROUP BY v.word ORDER BY similarity(v.word, asked.word) DESC, v.word LIMIT 50)
     UNION
     (SELECT DISTINCT v.word FROM search_word v WHERE length(asked.word) >= ${SHORTEST_COMPLETED}
       AND v.word >= asked.word COLLATE "C" AND v.word < (asked.word || chr(1114111)) COLLATE "C"
       ORDER BY v.word LIMIT 30)) near`,
);

/** What a search says: words that there are stand for themselves, others for what they were meant for. */
export async function meaningsOf(db: EntityManager, text: string): Promise<Meaning[]> {
  const said = numbersAndEmails(text);
  const split = await rows<{ word: string; known: boolean }>(db, SPLIT, [said.rest]);
  const known = new Set(split.flatMap((one) => (one.known ? [one.word] : [])));
  const terms = allTerms(
    said,
    split.map(({ word }) => word),
  );
  const plain = terms.map((term): Meaning => {
    if (term.kind !== "word") return { term, words: itself(term), known: true };
    return { term, words: surest(term.word, [], 1), known: known.has(term.word) };
  });
  return corrected(db, plain, (meaning) => !meaning.known);
}

/** The same, where words that there are may have been meant otherwise, too. */
export const doubted = (db: EntityManager, meanings: readonly Meaning[]): Promise<Meaning[]> =>
  corrected(db, meanings, ({ known }) => known);

async function corrected(
  db: EntityManager,
  meanings: readonly Meaning[],
  chosen: (meaning: Meaning) => boolean,
): Promise<Meaning[]> {
  const asked = meanings.flatMap((meaning) =>
    meaning.term.kind === "word" && chosen(meaning) && /^\D+$/.test(meaning.term.word)
      ? [meaning.term.word]
      : [],
  );
  if (asked.length === 0) return [...meanings];
  const near = await rows<Near>(db, NEAR, [asked]);
  return meanings.map((meaning) => {
    const { term, known } = meaning;
    if (term.kind !== "word" || !asked.includes(term.word)) return meaning;
    const mine = near.filter(({ word }) => word === term.word);
    return { term, words: surest(term.word, mine, known ? DOUBT : 1), known };
  });
}

const itself = (term: Term): Map<string, number> =>
  new Map(term.kind === "number" && term.word ? [[term.word, 1]] : []);

/** `doubt`: what a guess is worth beside the word itself. */
function surest(word: string, near: readonly Near[], doubt: number): Map<string, number> {
  const guesses = near
    .map(({ near: guess, alike }) => ({ guess, alike, sure: sureness(word, guess) * doubt }))
    .filter(({ guess, sure }) => sure > 0 && guess !== word)
    .sort((a, b) => b.sure - a.sure || b.alike - a.alike || (a.guess < b.guess ? -1 : 1));
  const completed = guesses.filter(({ guess }) => guess.startsWith(word)).slice(0, MOST_PER_WORD.completed);
  const mended = guesses.filter(({ guess }) => !guess.startsWith(word)).slice(0, MOST_PER_WORD.corrected);
  return new Map([
    ...[...completed, ...mended].map(({ guess, sure }): [string, number] => [guess, sure]),
    ...sameAs(word).map((same): [string, number] => [same, SAME_SENSE]),
    [word, 1],
  ]);
}

/** How sure it is that who wrote `word` meant `guess`: 0.9 where it goes on a little, less with each wrong letter. */
function sureness(word: string, guess: string): number {
  if (guess.startsWith(word)) return guess.length - word.length <= FEW_LETTERS ? 0.9 : 0.75;
  if (word.length < SHORTEST_CORRECTED) return 0;
  const wrong = distance(word, guess);
  const allowed = word.length < 6 ? 1 : 2;
  // Two letters that changed places are two wrong ones for the measure, and one slip for the writer.
  const swapped = wrong === 2 && [...word].sort().join("") === [...guess].sort().join("");
  if (swapped) return 0.8;
  return wrong <= allowed ? 0.9 - wrong / 10 : 0;
}

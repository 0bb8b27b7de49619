import { VISITED } from "./arms.ts";
import type { Meaning } from "./meanings.ts";

export const FIELDS = ["name", "phone", "email", "address", "notes", "history"] as const;
/** Where a search found a customer. */
export type Field = (typeof FIELDS)[number];

/** What the index holds of one customer. */
export interface Found {
  id: string;
  name: string;
  digits: string;
  /** The index's own text: `'456':3B 'oak':4B,12C 'martha@example.com'`. */
  words: string;
}

export interface Score {
  /** Was there ever a visit. */
  visited: boolean;
  /** 0–1 */
  score: number;
  matched_on: Field[];
}

/** How much a word says by where it stands; notes and history alone never make a clear match. */
const PLACES: readonly [letter: string, field: Field, telling: number][] = [
  ["A", "name", 1],
  ["B", "address", 0.9],
  ["C", "notes", 0.65],
  ["D", "history", 0.5],
];

/** A town says more than a street of the same name. */
const TOWN = 0.95;

/** `in Madison` is hardly somebody of that name. */
const NOT_AT_ITS_PLACE = 0.7;

interface Match {
  value: number;
  field: Field;
}

/** How well a customer answers to a search: the mean over all that it says, each by its best match. */
export function scoreOf(found: Found, meanings: readonly Meaning[]): Score {
  const standing = standingOf(found.words);
  const matches = meanings.map((meaning) => bestMatch(standing, found.digits, meaning));
  const sum = matches.reduce((total, match) => total + (match?.value ?? 0), 0);
  const named = matches.filter((match) => match?.field === "name").length;
  // Smith before Smith Dental, where both are called so.
  const whole = Math.min(1, named / found.name.split(/\s+/).length);
  const fields = new Set(matches.map((match) => match?.field));
  return {
    visited: standing.has(VISITED),
    score: Math.round((sum / meanings.length) * (named > 0 ? 0.97 + 0.03 * whole : 1) * 1000) / 1000,
    matched_on: FIELDS.filter((field) => fields.has(field)),
  };
}

/** Word → the letters of where it stands; none for e-mails. */
function standingOf(words: string): Map<string, string> {
  const each = words.matchAll(/'((?:[^']|'')+)'(?::(\S+))?/g);
  return new Map(Array.from(each, ([, word = "", at = ""]) => [word, [...at].map(letterOf).join("")]));
}

/** Positions of history come without their letter. */
const letterOf = (character: string, at: number, all: readonly string[]): string => {
  if (/[ABC]/.test(character)) return character;
  return /\d/.test(character) && (at + 1 === all.length || all[at + 1] === ",") ? "D" : "";
};

function bestMatch(
  standing: ReadonlyMap<string, string>,
  digits: string,
  { term, words }: Meaning,
): Match | undefined {
  const matches: Match[] = [];
  const elsewhere = term.kind === "word" && term.place ? NOT_AT_ITS_PLACE : 1;
  for (const [word, sure] of words) {
    const letters = standing.get(word);
    if (letters === undefined) continue;
    for (const [letter, field, telling] of PLACES) {
      const value = sure * telling * (field === "address" ? 1 : elsewhere);
      if (letters.includes(letter)) matches.push({ field, value });
    }
    if (standing.has(`@${word}`)) matches.push({ field: "address", value: sure * TOWN });
    if (letters === "") matches.push({ field: "email", value: sure * 0.7 });
  }
  if (term.kind === "number") matches.push(...phoneMatches(digits, term.digits, term.word !== undefined));
  if (term.kind === "email") {
    const value = standing.has(term.email) ? 1 : 0.8;
    const begins = [...standing.keys()].some((email) => email.startsWith(term.email));
    if (begins) matches.push({ field: "email", value });
  }
  return matches.sort((a, b) => b.value - a.value)[0];
}

/** The more of a number is said, the surer it is; a bare number is more likely one of an address. */
function phoneMatches(digits: string, fragment: string, bare: boolean): Match[] {
  if (fragment.length < 3 || !digits.includes(fragment)) return [];
  const numbers = digits.split(" ");
  if (numbers.some((number) => number === fragment || (fragment.length >= 10 && number.endsWith(fragment)))) {
    return [{ field: "phone", value: 1 }];
  }
  return [{ field: "phone", value: (bare ? 0.4 : 0.5) + Math.min(fragment.length, 9) * 0.04 }];
}

import { VISITED } from "./lookups.ts";
import type { ExpandedTerm } from "./expand-terms.ts";

export const FIELDS = ["name", "phone", "email", "address", "notes", "history"] as const;
/** Where a search term matched a customer. */
export type Field = (typeof FIELDS)[number];

/** The index row of one customer. */
export interface IndexedContact {
  id: string;
  name: string;
  digits: string;
  /** `tsvector` as text: `'456':3B 'oak':4B,12C 'martha@example.com'`. */
  words: string;
}

export interface Score {
  /** The customer has had a visit. */
  visited: boolean;
  /** 0–1 */
  score: number;
  matched_on: Field[];
}

/** Weight of a match by `tsvector` label; notes and history alone never make a clear match. */
const FIELD_WEIGHTS: readonly [label: string, field: Field, weight: number][] = [
  ["A", "name", 1],
  ["B", "address", 0.9],
  ["C", "notes", 0.65],
  ["D", "history", 0.5],
];

/** A town weighs more than a street of the same name. */
const TOWN_WEIGHT = 0.95;

/** Factor for a place name that matches outside the address: `in Madison` rarely means a person of that name. */
const PLACE_ELSEWHERE_FACTOR = 0.7;

interface Match {
  value: number;
  field: Field;
}

/** Weighted full-text score: the mean over all terms, each with its best match. */
export function scoreMatch(contact: IndexedContact, expanded: readonly ExpandedTerm[]): Score {
  const labels = labelsOf(contact.words);
  const matches = expanded.map((entry) => bestMatch(labels, contact.digits, entry));
  const sum = matches.reduce((total, match) => total + (match?.value ?? 0), 0);
  const named = matches.filter((match) => match?.field === "name").length;
  // Ranks Smith before Smith Dental for the search "Smith".
  const nameShare = Math.min(1, named / contact.name.split(/\s+/).length);
  const fields = new Set(matches.map((match) => match?.field));
  return {
    visited: labels.has(VISITED),
    score: Math.round((sum / expanded.length) * (named > 0 ? 0.97 + 0.03 * nameShare : 1) * 1000) / 1000,
    matched_on: FIELDS.filter((field) => fields.has(field)),
  };
}

/** Word → its `tsvector` labels (A to D); empty for e-mails, which have no positions. */
function labelsOf(words: string): Map<string, string> {
  const each = words.matchAll(/'((?:[^']|'')+)'(?::(\S+))?/g);
  return new Map(
    Array.from(each, ([, word = "", positions = ""]) => [word, [...positions].map(labelOf).join("")]),
  );
}

/** PostgreSQL omits the label D, which marks the history. */
const labelOf = (character: string, at: number, all: readonly string[]): string => {
  if (/[ABC]/.test(character)) return character;
  return /\d/.test(character) && (at + 1 === all.length || all[at + 1] === ",") ? "D" : "";
};

function bestMatch(
  labels: ReadonlyMap<string, string>,
  digits: string,
  { term, words }: ExpandedTerm,
): Match | undefined {
  const matches: Match[] = [];
  const elsewhere = term.kind === "word" && term.place ? PLACE_ELSEWHERE_FACTOR : 1;
  for (const [word, confidence] of words) {
    const found = labels.get(word);
    if (found === undefined) continue;
    for (const [label, field, weight] of FIELD_WEIGHTS) {
      const value = confidence * weight * (field === "address" ? 1 : elsewhere);
      if (found.includes(label)) matches.push({ field, value });
    }
    if (labels.has(`@${word}`)) matches.push({ field: "address", value: confidence * TOWN_WEIGHT });
    if (found === "") matches.push({ field: "email", value: confidence * 0.7 });
  }
  if (term.kind === "number") matches.push(...phoneMatches(digits, term.digits, term.word !== undefined));
  if (term.kind === "email") {
    const value = labels.has(term.email) ? 1 : 0.8;
    const begins = [...labels.keys()].some((email) => email.startsWith(term.email));
    if (begins) matches.push({ field: "email", value });
  }
  return matches.sort((a, b) => b.value - a.value)[0];
}

/** A longer fragment scores higher; a bare number scores lower, because it is more likely part of an address. */
function phoneMatches(digits: string, fragment: string, bare: boolean): Match[] {
  if (fragment.length < 3 || !digits.includes(fragment)) return [];
  const numbers = digits.split(" ");
  if (numbers.some((number) => number === fragment || (fragment.length >= 10 && number.endsWith(fragment)))) {
    return [{ field: "phone", value: 1 }];
  }
  return [{ field: "phone", value: (bare ? 0.4 : 0.5) + Math.min(fragment.length, 9) * 0.04 }];
}

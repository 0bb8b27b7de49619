import { type ExpandedTerm, SYNONYM_CONFIDENCE } from "./expand-terms.ts";

/** One index lookup: a contact must match all words and all digits. */
export interface Lookup {
  /** `tsquery`; empty if the lookup has only digits. */
  words: string;
  /** Fragments of phone numbers, the longest first. */
  digits: string[];
}

interface LookupOptions {
  /** Only typed words and synonyms, no corrections or completions. */
  exact?: boolean;
  /** Words must match the name. */
  named?: boolean;
  /** Only contacts with a visit: among many Johnsons they are the likelier ones. */
  visited?: boolean;
  /** Treat bare numbers as part of a phone number. */
  phones?: boolean;
}

/** All terms. Empty if there are none. */
export const exactLookups = (expanded: readonly ExpandedTerm[]): Lookup[] => lookupsFor(expanded, [{}]);

/** All terms, with bare numbers as phone digits. Empty without bare numbers. */
export const phoneLookups = (expanded: readonly ExpandedTerm[]): Lookup[] =>
  expanded.some(({ term }) => term.kind === "number" && term.word !== undefined)
    ? lookupsFor(expanded, [{ phones: true }])
    : [];

/** Narrower lookups for too many matches: visited contacts, exact words, words in the name. */
export const preferredLookups = (expanded: readonly ExpandedTerm[]): Lookup[] =>
  lookupsFor(expanded, [{ visited: true }, { named: true, exact: true }, { exact: true }, { named: true }]);

/** With more terms than this, only the first ones are paired, and halves replace leaving one out. */
const FEW_TERMS = 5;

/**
 * Rounds of looser lookups for too few matches: all terms but one, then pairs, then single terms. With many terms the
 * first round takes each half instead: many common words that never occur together are slow to look up.
 */
export function looserLookups(expanded: readonly ExpandedTerm[]): Lookup[][] {
  const count = expanded.length;
  const middle = Math.ceil(count / 2);
  const allButOne =
    count > FEW_TERMS
      ? [expanded.slice(0, middle), expanded.slice(middle)]
      : expanded.map((left) => expanded.filter((entry) => entry !== left));
  const first = expanded.slice(0, FEW_TERMS);
  const rounds = [
    count > 3 ? allButOne : [],
    count > 2 ? first.flatMap((one, at) => first.slice(at + 1).map((other) => [one, other])) : [],
    count > 1 ? expanded.map((entry) => [entry]) : [],
  ];
  return rounds.map((round) => round.map((terms) => lookupOf(terms, {})));
}

function lookupsFor(expanded: readonly ExpandedTerm[], variants: readonly LookupOptions[]): Lookup[] {
  if (expanded.length === 0) return [];
  const lookups = new Map<string, Lookup>();
  for (const options of variants) {
    const lookup = lookupOf(expanded, options);
    lookups.set(JSON.stringify(lookup), lookup);
  }
  return [...lookups.values()];
}

function lookupOf(expanded: readonly ExpandedTerm[], options: LookupOptions): Lookup {
  const words: string[] = options.visited ? [quoted(VISITED)] : [];
  const digits: string[] = [];
  for (const entry of expanded) {
    const { term } = entry;
    if (term.kind === "email") words.push(`${quoted(term.email)}:*`);
    else if (
      term.kind === "number" &&
      (term.word === undefined || (options.phones && term.digits.length > 2))
    ) {
      digits.push(term.digits);
    } else {
      const prefix = options.named && term.kind === "word" ? "~" : "";
      words.push(
        `(${wordsFor(entry, options)
          .map((word) => quoted(prefix + word))
          .join("|")})`,
      );
    }
  }
  return { words: words.join("&"), digits: digits.sort((a, b) => b.length - a.length) };
}

function wordsFor({ words }: ExpandedTerm, { exact }: LookupOptions): string[] {
  return [...words].flatMap(([word, confidence]) =>
    !exact || confidence >= SYNONYM_CONFIDENCE ? [word] : [],
  );
}

/** Marker word that the index stores for contacts with a visit. */
export const VISITED = "#";

const quoted = (word: string): string => `'${word.replace(/['\\]/g, "$&$&")}'`;

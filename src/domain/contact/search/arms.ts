import { type Meaning, SAME_SENSE } from "./meanings.ts";

/** One way to look a search up: all of it must hold. */
export interface Arm {
  /** `tsquery`; empty where only digits are asked for. */
  words: string;
  /** Fragments of phone numbers, the longest first. */
  digits: string[];
}

interface Reading {
  /** Only what was said, and other words for the same; nothing that it may have meant. */
  exact?: boolean;
  /** Words must be part of a name. */
  named?: boolean;
  /** Only who was visited before: of many Johnsons more likely the one. */
  visited?: boolean;
  /** Bare numbers are read as part of a phone number. */
  phones?: boolean;
}

/** What it says. None where it says nothing. */
export const wholeArms = (meanings: readonly Meaning[]): Arm[] => armsOf(meanings, [{}]);

/** Where it says bare numbers: they may be of a phone. */
export const phoneArms = (meanings: readonly Meaning[]): Arm[] =>
  meanings.some(({ term }) => term.kind === "number" && term.word !== undefined)
    ? armsOf(meanings, [{ phones: true }])
    : [];

/** Who to prefer where there are too many: whoever was visited, and who is called or described just so. */
export const preferredArms = (meanings: readonly Meaning[]): Arm[] =>
  armsOf(meanings, [{ visited: true }, { named: true, exact: true }, { exact: true }, { named: true }]);

/** So many terms are tried with one left out, and by twos; of more only the first ones by twos: they say most. */
const FEW_TERMS = 5;

/**
 * What to look up where too few answer to everything: all but one of the terms (of many either half of them: looking
 * for much that is common, and never together, is slow), then any two, then each alone.
 */
export function looserArms(meanings: readonly Meaning[]): Arm[][] {
  const count = meanings.length;
  const middle = Math.ceil(count / 2);
  const most =
    count > FEW_TERMS
      ? [meanings.slice(0, middle), meanings.slice(middle)]
      : meanings.map((left) => meanings.filter((meaning) => meaning !== left));
  const first = meanings.slice(0, FEW_TERMS);
  const rounds = [
    count > 3 ? most : [],
    count > 2 ? first.flatMap((one, at) => first.slice(at + 1).map((other) => [one, other])) : [],
    count > 1 ? meanings.map((meaning) => [meaning]) : [],
  ];
  return rounds.map((round) => round.map((some) => armOf(some, {})));
}

function armsOf(meanings: readonly Meaning[], readings: readonly Reading[]): Arm[] {
  if (meanings.length === 0) return [];
  const arms = new Map<string, Arm>();
  for (const reading of readings) {
    const arm = armOf(meanings, reading);
    arms.set(JSON.stringify(arm), arm);
  }
  return [...arms.values()];
}

function armOf(meanings: readonly Meaning[], reading: Reading): Arm {
  const words: string[] = reading.visited ? [quoted(VISITED)] : [];
  const digits: string[] = [];
  for (const meaning of meanings) {
    const { term } = meaning;
    if (term.kind === "email") words.push(`${quoted(term.email)}:*`);
    else if (
      term.kind === "number" &&
      (term.word === undefined || (reading.phones && term.digits.length > 2))
    ) {
      digits.push(term.digits);
    } else {
      const prefix = reading.named && term.kind === "word" ? "~" : "";
      words.push(
        `(${wordsFor(meaning, reading)
          .map((word) => quoted(prefix + word))
          .join("|")})`,
      );
    }
  }
  return { words: words.join("&"), digits: digits.sort((a, b) => b.length - a.length) };
}

function wordsFor({ words }: Meaning, { exact }: Reading): string[] {
  return [...words].flatMap(([word, sure]) => (!exact || sure >= SAME_SENSE ? [word] : []));
}

/** What the index puts on those who were visited. */
export const VISITED = "#";

const quoted = (word: string): string => `'${word.replace(/['\\]/g, "$&$&")}'`;

import { type Meaning, SAME_SENSE } from "./meanings.ts";

/** One way to look a search up: all of it must hold. */
export interface Arm {
  /** `tsquery`; empty where only digits are asked for. */
  words: string;
  /** Fragments of phone numbers. */
  digits: string[];
  /** One word, just so, is all that is asked for. */
  plain: boolean;
}

interface Reading {
  /** Words that there are may have been meant otherwise, too. */
  doubted?: boolean;
  /** Only what was said, nothing that it may have meant. */
  exact?: boolean;
  /** Words must be part of a name. */
  named?: boolean;
  /** Only who was visited before: of many Johnsons more likely the one. */
  visited?: boolean;
  /** Bare numbers are read as part of a phone number. */
  phones?: boolean;
}

/** The ways to look a search up, each by itself: one query for all of them is slow. None where nothing is said. */
export interface Arms {
  /** Words that there are, as they are written; only the others are put right. */
  said: Arm[];
  /** All that may have been meant. */
  meant: Arm[];
  /** Who to prefer where there are too many: whoever was visited, and who is called or described just so. */
  preferred: Arm[];
}

const READINGS: Readonly<Record<keyof Arms, readonly Reading[]>> = {
  said: [{}, { phones: true }],
  meant: [{ doubted: true }, { doubted: true, phones: true }],
  preferred: [{ visited: true }, { named: true, exact: true }, { exact: true }, { named: true }],
};

export function armsOf(meanings: readonly Meaning[]): Arms {
  const arms: Arms = { said: [], meant: [], preferred: [] };
  if (meanings.length === 0) return arms;
  const seen = new Set<string>();
  for (const kind of ["said", "meant", "preferred"] as const) {
    for (const reading of READINGS[kind]) {
      const arm = armOf(meanings, reading);
      const text = JSON.stringify(arm);
      if (!seen.has(text)) arms[kind].push(arm);
      seen.add(text);
    }
  }
  return arms;
}

/** More than so many terms are not tried by twos: the first ones say most. */
const MOST_PAIRED = 5;

/** What to look up where too few answer to everything: all but one of the terms, then any two, then each alone. */
export function looserArms(meanings: readonly Meaning[]): Arm[][] {
  const count = meanings.length;
  const first = meanings.slice(0, MOST_PAIRED);
  const rounds = [
    count > 3 ? meanings.map((left) => meanings.filter((meaning) => meaning !== left)) : [],
    count > 2 ? first.flatMap((one, at) => first.slice(at + 1).map((other) => [one, other])) : [],
    count > 1 ? meanings.map((meaning) => [meaning]) : [],
  ];
  return rounds.map((round) => round.map((some) => armOf(some, {})));
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
  return {
    words: words.join("&"),
    digits,
    plain: /^\('[^']*'\)$/.test(words.join("&")) && digits.length === 0,
  };
}

function wordsFor({ words, known }: Meaning, { exact, doubted }: Reading): string[] {
  const least = exact ? 1 : known && !doubted ? SAME_SENSE : 0;
  return [...words].flatMap(([word, sure]) => (sure >= least ? [word] : []));
}

/** What the index puts on those who were visited. */
export const VISITED = "#";

const quoted = (word: string): string => `'${word.replace(/['\\]/g, "$&$&")}'`;

import type { Meaning } from "./meanings.ts";

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
  /** Only what was said, nothing that it may have meant. */
  exact?: boolean;
  /** Words must be part of a name. */
  named?: boolean;
  /** Only who was visited before: of many Johnsons more likely the one. */
  visited?: boolean;
  /** Bare numbers are read as part of a phone number. */
  phones?: boolean;
}

/** All that may have been meant. Each reading is looked up by itself: one query for all of them is slow. */
const WIDE: readonly Reading[] = [{}, { phones: true }];

/** Who to prefer where the wide ones have too many: whoever was visited, and who is called or described just so. */
const NARROW: readonly Reading[] = [
  { visited: true },
  { exact: true, named: true },
  { exact: true },
  { named: true },
];

/** The ways to look a search up; none where nothing is said. */
export function armsOf(meanings: readonly Meaning[]): { wide: Arm[]; narrow: Arm[] } {
  if (meanings.length === 0) return { wide: [], narrow: [] };
  const wide = WIDE.map((reading) => armOf(meanings, reading));
  const narrow = NARROW.map((reading) => armOf(meanings, reading));
  return { wide: different(wide), narrow: different(narrow) };
}

const different = (arms: Arm[]): Arm[] => [
  ...new Map(arms.map((arm) => [JSON.stringify(arm), arm])).values(),
];

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
  for (const { term, words: meant } of meanings) {
    if (term.kind === "email") words.push(`${quoted(term.email)}:*`);
    else if (
      term.kind === "number" &&
      (term.word === undefined || (reading.phones && term.digits.length > 2))
    ) {
      digits.push(term.digits);
    } else {
      const prefix = reading.named && term.kind === "word" ? "~" : "";
      const chosen = [...meant].filter(([, sure]) => !reading.exact || sure === 1);
      words.push(`(${chosen.map(([word]) => quoted(prefix + word)).join("|")})`);
    }
  }
  return {
    words: words.join("&"),
    digits,
    plain: /^\('[^']*'\)$/.test(words.join("&")) && digits.length === 0,
  };
}

/** What the index puts on those who were visited. */
export const VISITED = "#";

const quoted = (word: string): string => `'${word.replace(/['\\]/g, "$&$&")}'`;

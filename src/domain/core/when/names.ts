import { distance } from "fastest-levenshtein";
import { WEEKDAYS } from "../time.ts";

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
] as const;

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const nameAt = (names: readonly string[], place: number): string => capital(names[place - 1] ?? "");

/** `Monday` for 1. */
export const weekdayName = (weekday: number): string => nameAt(WEEKDAYS, weekday);
/** `January` for 1. */
export const monthName = (month: number): string => nameAt(MONTHS, month);

const places = (names: readonly string[]): [string, number][] =>
  names.map((name, index) => [name, index + 1]);
const short = (entries: [string, number][]): [string, number][] =>
  entries.map(([name, place]) => [name.slice(0, 3), place]);

/** Numbers as Temporal counts them: Monday is 1. */
export const WEEKDAY_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...short(places(WEEKDAYS)),
  ...places(WEEKDAYS),
  ["tues", 2],
  ["weds", 3],
  ["thur", 4],
  ["thurs", 4],
]);

export const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...short(places(MONTHS)),
  ...places(MONTHS),
  ["sept", 9],
]);

export const UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
export const TENS: ReadonlyMap<string, number> = new Map([
  ["twenty", 20],
  ["thirty", 30],
  ["forty", 40],
  ["fifty", 50],
]);

export const CARDINALS: ReadonlyMap<string, number> = new Map([...places([...UNITS, ...TEENS]), ...TENS]);

const FIRST_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth";
export const ORDINALS: ReadonlyMap<string, number> = new Map([
  ...places([...FIRST_ORDINALS.split(" "), ...TEENS.slice(3).map((teen) => `${teen}th`)]),
  ["twentieth", 20],
  ["thirtieth", 30],
]);

/** The other words that the forms are made of. A word that is missing here is taken for a misspelling. */
const GRAMMAR = `
  today tomorrow yesterday now tonight day days week weeks wk wks weekend fortnight fortnights month months year years
  this current next last previous past in from after before by until till through thru to between and or ago a an
  start beginning end am pm o'clock oclock half quarter minute minutes min mins hour hours hr hrs at
  noon midday midnight morning afternoon evening night early late any anytime time whenever
  asap as soon possible around about approximately approx roughly circa`;

const KNOWN: ReadonlySet<string> = new Set([
  ...GRAMMAR.trim().split(/\s+/),
  ...[WEEKDAY_NUMBERS, MONTH_NUMBERS, CARDINALS, ORDINALS].flatMap((names) => [...names.keys()]),
]);

/** Words of which a misspelling is read. Short ones are too near to each other. */
const CORRECTED = [
  ...WEEKDAYS,
  ...MONTHS.filter((name) => name !== "may"),
  ..."today tomorrow yesterday tonight morning afternoon evening".split(" "),
];

/** Frequent misspellings that are more than one edit away, and short forms. */
const VARIANTS: Readonly<Record<string, string>> = {
  wensday: "wednesday",
  wendsday: "wednesday",
  thrusday: "thursday",
  feburary: "february",
  tommorow: "tomorrow",
  tmrw: "tomorrow",
};

/** The word that was meant, if that is certain. */
export function knownWord(word: string): string | null {
  if (KNOWN.has(word)) return word;
  if (Object.hasOwn(VARIANTS, word)) return VARIANTS[word] ?? null;
  const meant = CORRECTED.filter((name) => distance(word, name) === 1);
  // "Mondays" is no misspelling: it means every Monday.
  return meant.length === 1 && meant[0] && word !== `${meant[0]}s` ? meant[0] : null;
}

/** The names that share more than half of a word and are nearest to it, at most two, as they are written: `Monday`. */
export function nearestNames(word: string): string[] {
  const distances = CORRECTED.map((name) => distance(word, name));
  const least = Math.min(...distances);
  if (least * 2 >= word.length) return [];
  const names = CORRECTED.filter((_, index) => distances[index] === least).slice(0, 2);
  return names.map((name) => (WEEKDAY_NUMBERS.has(name) || MONTH_NUMBERS.has(name) ? capital(name) : name));
}

import { showHiddenCharacters } from "../domain/core/hidden-characters.ts";

/** Longest answer to a model, in bytes of JSON: about 10,000 tokens. */
export const MOST_ANSWER_BYTES = 40_000;

/** What is kept of a long answer: characters of each text, entries of each list or object. */
interface Cut {
  characters: number;
  entries: number;
}

/** From mild to hard; the first one that fits is taken. */
const CUTS: readonly Cut[] = [
  { characters: 4_000, entries: 100 },
  { characters: 1_000, entries: 60 },
  { characters: 500, entries: 30 },
  { characters: 200, entries: 20 },
  { characters: 100, entries: 10 },
  { characters: 100, entries: 5 },
];

/** An object has names for its parts, so more of them stay. */
const FEWEST_KEYS = 30;

/** Texts near the top, such as an address to open, are cut only here. */
const LONGEST_NEAR_TOP = 1_000;
const NEAR_TOP = 2;

/** The JSON of an answer to a model: without nulls, hidden characters made visible, and at most MOST_ANSWER_BYTES. */
export function answerText(data: object): string {
  const whole = textOf(data);
  if (fits(whole)) return whole;
  for (const cut of CUTS) {
    const lists: string[] = [];
    const short = shorten(data, [], { ...cut, lists }) as object; // Of an object, as it came.
    const text = textOf({ ...short, shortened: shortened(whole, lists) });
    if (fits(text)) return text;
  }
  return textOf({ ...outline(data), shortened: shortened(whole, []) });
}

const fits = (text: string): boolean => Buffer.byteLength(text) <= MOST_ANSWER_BYTES;

/** Cut lists that are named. */
const MOST_NAMED = 10;

function shortened(whole: string, lists: readonly string[]): string {
  const cut = lists.length > 0 ? ` Cut lists: ${lists.slice(0, MOST_NAMED).join(", ")}.` : "";
  return `This answer has ${Buffer.byteLength(whole)} bytes; ${MOST_ANSWER_BYTES} fit, so long texts and lists are cut.${cut} Ask for less: fields, a smaller limit, one record by its id. A person sees a whole job on its page.`;
}

const textOf = (data: object): string =>
  JSON.stringify(data, (_key, value: unknown) =>
    typeof value === "string" ? showHiddenCharacters(value) : (value ?? undefined),
  );

interface Shortening extends Cut {
  /** Adds each cut list: `result.preview.changes (10 of 250)`. */
  lists: string[];
}

/** A copy with shorter texts, lists and objects. */
function shorten(value: unknown, path: readonly string[], cut: Shortening): unknown {
  if (typeof value === "string") {
    return shortText(
      value,
      path.length <= NEAR_TOP ? Math.max(cut.characters, LONGEST_NEAR_TOP) : cut.characters,
    );
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const all = Object.entries(value);
  const kept = all.slice(0, Array.isArray(value) ? cut.entries : Math.max(cut.entries, FEWEST_KEYS));
  if (kept.length < all.length)
    cut.lists.push(`${path.join(".").slice(0, 100)} (${kept.length} of ${all.length})`);
  const short = kept.map(([name, entry]): [string, unknown] => [name, shorten(entry, [...path, name], cut)]);
  return Array.isArray(value) ? short.map(([, entry]) => entry) : Object.fromEntries(short);
}

/** The beginning of a long text, with its length. */
export function shortText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}… (${text.length} characters)`;
}

/** Only the short values at the top, such as `job_id` and `status`. */
const outline = (data: object): object =>
  Object.fromEntries(
    Object.entries(data).filter(([, value]) => typeof value !== "object" && String(value).length <= 300),
  );

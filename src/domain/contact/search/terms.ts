/** One part of a search text: a word, an e-mail address or its start, or a number. */
export type Term =
  /** `place`: typed as part of an address. */
  | { kind: "word"; word: string; place: boolean }
  | { kind: "email"; email: string }
  /** `word`: the number as a word of an address; undefined if it is formatted like a phone number. */
  | { kind: "number"; digits: string; word?: string };

/** Further terms are ignored, and named to the caller. */
const MOST_TERMS = 10;
const FEWEST_PHONE_DIGITS = 3;

const EMAIL = /(?<![^\s@,;<>()])(?:[^\s@,;<>()]*@[^\s@,;<>()]+|[^\s@,;<>()]+@)/g;
/** Digits with the usual separators: `(608) 555-01`, `+1 608.555.0115`. */
const NUMBER = /(?<![\p{L}\p{N}])(?:(?<![+(])[+(]+)?\d(?:[\d\s().\-/]*\d)?(?![\p{L}\p{N}])/gu;
const PHONE_FORMAT = /[+()]|\d[-.\s]+\d{3}|\d{3}[-.\s]+\d/;

/** Ignored unless the search contains nothing else. */
const STOP_WORDS = new Set(
  "a an and are at by customer for from has have he her his in is it lives living me mr mrs ms named of on or she somebody someone that the their there they to who whose with".split(
    " ",
  ),
);

/** Kinds of street with their abbreviations. */
const STREETS: readonly (readonly string[])[] = [
  ["street", "st"],
  ["avenue", "ave", "av"],
  ["road", "rd"],
  ["drive", "dr"],
  ["lane", "ln"],
  ["way", "wy"],
  ["court", "ct"],
  ["circle", "cir"],
  ["boulevard", "blvd"],
  ["place", "pl"],
  ["terrace", "ter"],
  ["trail", "trl"],
  ["square", "sq"],
  ["parkway", "pkwy"],
  ["highway", "hwy"],
];

const SYNONYMS: readonly (readonly string[])[] = [
  ...STREETS,
  ["apartment", "apt"],
  ["north", "n"],
  ["south", "s"],
  ["east", "e"],
  ["west", "w"],
  ["elderly", "old", "older", "senior", "aged"],
  ["woman", "lady", "widow", "female", "grandmother"],
  ["man", "gentleman", "widower", "male", "grandfather"],
  ["company", "business", "office"],
];

export const synonymsOf = (word: string): string[] =>
  SYNONYMS.filter((group) => group.includes(word)).flatMap((group) => group.filter((one) => one !== word));

/** Words that name a place: `in Madison`, `456 Oak`, `Oak Street Madison`. */
function placesIn(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{M}'’]+|\d+/gu) ?? [];
  const isStreet = (word: string | undefined) => word !== undefined && STREETS.flat().includes(word);
  const precedesPlace = (word: string | undefined) =>
    /^(in|at|on|near|from|\d+)$/.test(word ?? "") || isStreet(word);
  return new Set(words.filter((_, at) => precedesPlace(words[at - 1]) || isStreet(words[at + 1])));
}

/** Numbers and e-mails of a search text, and the text without them. */
export interface ExtractedTerms {
  terms: Term[];
  places: ReadonlySet<string>;
  /** Must be split into words the same way as the index does. */
  rest: string;
}

export function extractNumbersAndEmails(text: string): ExtractedTerms {
  const terms: Term[] = [];
  const withoutEmails = text.replace(EMAIL, (email) => {
    terms.push({ kind: "email", email: email.toLowerCase().replace(/(?<!\.)\.+$/, "") });
    return " ";
  });
  const rest = withoutEmails.replace(NUMBER, (written) => {
    const groups = written.match(/\d+/g) ?? [];
    const digits = groups.join("").replace(/^0+(?=\d)/, "");
    if (PHONE_FORMAT.test(written) && digits.length > FEWEST_PHONE_DIGITS) {
      terms.push({ kind: "number", digits });
    } else {
      for (const group of groups) terms.push({ kind: "number", digits: group, word: group });
    }
    return " ";
  });
  return { terms, places: placesIn(text), rest };
}

/** Adds the remaining words in their order, without stop words. */
export function allTerms(
  { terms, places }: ExtractedTerms,
  words: readonly string[],
): { terms: Term[]; ignored: string[] } {
  const meaningful = words.filter((word) => !STOP_WORDS.has(word));
  const chosen = meaningful.length > 0 || terms.length > 0 ? meaningful : words;
  const all = [...terms, ...chosen.map((word): Term => ({ kind: "word", word, place: places.has(word) }))];
  return { terms: all.slice(0, MOST_TERMS), ignored: all.slice(MOST_TERMS).map(writtenAs) };
}

const writtenAs = (term: Term): string => {
  if (term.kind === "word") return term.word;
  return term.kind === "email" ? term.email : term.digits;
};

/** One thing that a search says: a word, an e-mail address or the beginning of one, a number. */
export type Term =
  /** `place`: said as part of an address. */
  | { kind: "word"; word: string; place: boolean }
  | { kind: "email"; email: string }
  /** `word`: how it stands in an address, where it was written without a phone's signs. */
  | { kind: "number"; digits: string; word?: string };

/** More than anybody says of one customer; what follows is left out. */
const MOST_TERMS = 10;
const FEWEST_PHONE_DIGITS = 3;

const EMAIL = /[^\s@,;<>()]*@[^\s@,;<>()]+|[^\s@,;<>()]+@/g;
/** Digits with what people write between and before them: `(608) 555-01`, `+1 608.555.0115`. */
const NUMBER = /(?<![\p{L}\p{N}])[+(]*\d(?:[\d\s().\-/]*\d)?(?![\p{L}\p{N}])/gu;
const TELLS_A_PHONE = /[+()]|\d[-.\s]+\d{3}|\d{3}[-.\s]+\d/;

/** Said of nobody in particular; counts only where nothing else is said. */
const SMALL_WORDS = new Set(
  "a an and are at by customer for from has have he her his in is it lives living me mr mrs ms named of on or she somebody someone that the their there they to who whose with".split(
    " ",
  ),
);

/** Kinds of street, and how people write them. */
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

/** What people say for one another. */
const SAME: readonly (readonly string[])[] = [
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

/** Other words for this one. */
export const sameAs = (word: string): string[] =>
  SAME.filter((group) => group.includes(word)).flatMap((group) => group.filter((one) => one !== word));

/** Words that are said of a place: `in Madison`, `456 Oak`, `Oak Street Madison`. */
function placesIn(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{M}'’]+|\d+/gu) ?? [];
  const isStreet = (word: string | undefined) => word !== undefined && STREETS.flat().includes(word);
  const before = (word: string | undefined) =>
    /^(in|at|on|near|from|\d+)$/.test(word ?? "") || isStreet(word);
  return new Set(words.filter((_, at) => before(words[at - 1]) || isStreet(words[at + 1])));
}

/** What is left of a text once numbers and e-mails are taken out of it, and these. */
export interface Said {
  terms: Term[];
  places: ReadonlySet<string>;
  /** Still to be split into words as the index does it. */
  rest: string;
}

export function numbersAndEmails(text: string): Said {
  const terms: Term[] = [];
  const withoutEmails = text.replace(EMAIL, (email) => {
    terms.push({ kind: "email", email: email.toLowerCase().replace(/[.]+$/, "") });
    return " ";
  });
  const rest = withoutEmails.replace(NUMBER, (written) => {
    const groups = written.match(/\d+/g) ?? [];
    const digits = groups.join("").replace(/^0+(?=\d)/, "");
    if (TELLS_A_PHONE.test(written) && digits.length > FEWEST_PHONE_DIGITS) {
      terms.push({ kind: "number", digits });
    } else {
      for (const group of groups) terms.push({ kind: "number", digits: group, word: group });
    }
    return " ";
  });
  return { terms, places: placesIn(text), rest };
}

/** With the words of the rest, in their order, without the small ones. */
export function allTerms({ terms, places }: Said, words: readonly string[]): Term[] {
  const telling = words.filter((word) => !SMALL_WORDS.has(word));
  const chosen = telling.length > 0 || terms.length > 0 ? telling : words;
  return [...terms, ...chosen.map((word): Term => ({ kind: "word", word, place: places.has(word) }))].slice(
    0,
    MOST_TERMS,
  );
}

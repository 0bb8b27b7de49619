/**
 * Characters that a reader cannot see or that reorder what is read: control, format (bidi, zero-width), ignorable
 * (fillers, variation selectors, tags), lone surrogates. Newline, tab and the emoji selector stay.
 */
export const UNSEEN =
  /(?![\n\t\uFE0F]|\r\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** `⟨U+202E⟩` */
export const nameOfCharacter = (character: string): string =>
  `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;

/** Replaces each hidden character by its code point. */
export const showHiddenCharacters = (text: string): string => text.replace(UNSEEN, nameOfCharacter);

/** Hidden characters, and line breaks: for a name, which has one line. */
const UNSEEN_IN_NAME = new RegExp(`${UNSEEN.source}|[\\n\\r]`, "gu");

/** Alphabets with letters that are drawn alike, such as the Latin and the Cyrillic "a". */
const ALPHABETS = ["Latin", "Cyrillic", "Greek", "Armenian", "Coptic", "Cherokee", "Georgian", "Lisu"].map(
  (script) => new RegExp(`\\p{Script=${script}}`, "u"),
);
const WORD = /[\p{L}\p{M}\p{N}'’]+/gu;

/** A character that a person must be told about. */
export interface Mark {
  index: number;
  character: string;
  /** `look-alike`: a letter of another alphabet than the rest of its word. It is seen, but not as what it is. */
  kind: "unseen" | "look-alike";
}

/** The characters of a text that a reader cannot see or takes for others, in order. */
export function marksIn(text: string, isName = false): Mark[] {
  const unseen = [...text.matchAll(isName ? UNSEEN_IN_NAME : UNSEEN)].map(
    ({ 0: character, index }): Mark => ({ index, character, kind: "unseen" }),
  );
  const lookAlike = [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => lookAlikes(word, index));
  return [...unseen, ...lookAlike].sort((one, other) => one.index - other.index);
}

/** The letters of a word that are not of the alphabet of most of its letters. */
function lookAlikes(word: string, start: number): Mark[] {
  const letters = [...word.matchAll(/\p{L}/gu)].map(({ 0: character, index }) => ({
    character,
    index: start + index,
    alphabet: ALPHABETS.findIndex((script) => script.test(character)),
  }));
  const counts = ALPHABETS.map((_, of) => letters.filter(({ alphabet }) => alphabet === of).length);
  const main = counts.indexOf(Math.max(...counts));
  return letters
    .filter(({ alphabet }) => alphabet !== -1 && alphabet !== main)
    .map(({ index, character }) => ({ index, character, kind: "look-alike" }));
}

/** Replaces hidden characters and line breaks of a name, and puts the code point behind letters that look like others. */
export function showMarks(name: string): string {
  let shown = "";
  let from = 0;
  for (const { index, character, kind } of marksIn(name, true)) {
    shown += name.slice(from, index) + (kind === "unseen" ? "" : character) + nameOfCharacter(character);
    from = index + character.length;
  }
  return shown + name.slice(from);
}

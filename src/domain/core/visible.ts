/**
 * Characters that a reader cannot see or that reorder what is read: control, format (bidi, zero-width), ignorable
 * (fillers, variation selectors, tags), lone surrogates. Newline, tab and the emoji selector stay.
 */
export const UNSEEN =
  /(?![\n\t\uFE0F]|\r\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** `⟨U+202E⟩` */
export const nameOfCharacter = (character: string): string =>
  `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;

/** Shows in words what a text would hide from its reader. */
export const visible = (text: string): string => text.replace(UNSEEN, nameOfCharacter);

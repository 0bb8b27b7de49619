import { marksIn, showHiddenCharacters, showMarks } from "../../../src/domain/core/hidden-characters.ts";

describe("showHiddenCharacters", () => {
  it("leaves ordinary text with lines, tabs, accents and other scripts unchanged", () => {
    const text = "Zoë Müller\n\tגרסיה Гарсия 田中 ❤️ 😀 $4,500 – “ok”\r\nbye";
    expect(showHiddenCharacters(text)).toBe(text);
  });

  it.each([
    ["turns the reading direction", "a\u202Eb", "a⟨U+202E⟩b"],
    ["isolates a direction", "\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"],
    ["marks a direction", "a\u200Fb\u061C", "a⟨U+200F⟩b⟨U+061C⟩"],
    ["has no width", "Joh\u200Bn\u2060\uFEFF\u00AD", "Joh⟨U+200B⟩n⟨U+2060⟩⟨U+FEFF⟩⟨U+00AD⟩"],
    ["controls a terminal", "\u001b[31m\u0000\u009b", "⟨U+001B⟩[31m⟨U+0000⟩⟨U+009B⟩"],
    ["returns to the line's start without a new one", "ok\rno", "ok⟨U+000D⟩no"],
    ["breaks a line where a log would not", "a\u2028b\u2029", "a⟨U+2028⟩b⟨U+2029⟩"],
    ["smuggles letters as tags", "\u{E0041}", "⟨U+E0041⟩"],
    ["smuggles bytes as variation selectors", "a\u{E0101}\uFE01", "a⟨U+E0101⟩⟨U+FE01⟩"],
    ["looks like a space but is a letter", "\u3164\u2800", "⟨U+3164⟩⟨U+2800⟩"],
    ["is half a character", "a\ud800b", "a⟨U+D800⟩b"],
  ])("shows a character that %s", (_, text, shown) => {
    expect(showHiddenCharacters(text)).toBe(shown);
  });
});

describe("showMarks", () => {
  it.each([
    ["a Cyrillic letter in a Latin word", "J\u043Ehnson Family", "J\u043E⟨U+043E⟩hnson Family"],
    ["a Greek letter in a Latin word", "\u0391lice", "\u0391⟨U+0391⟩lice"],
    ["a Latin letter in a Cyrillic word", "Сбербaнк", "Сбербa⟨U+0061⟩нк"],
    ["a Greek letter in a Cyrillic word", "М\u03BFсква", "М\u03BF⟨U+03BF⟩сква"],
    ["an Armenian letter in a Latin word", "B\u0585b", "B\u0585⟨U+0585⟩b"],
    ["the letter that comes second, of two", "a\u0430", "a\u0430⟨U+0430⟩"],
    ["a line break in a name", "Johnson\nFamily\r\nInc", "Johnson⟨U+000A⟩Family⟨U+000D⟩⟨U+000A⟩Inc"],
    ["an invisible character beside a look-alike", "\u200Bp\u0430y", "⟨U+200B⟩p\u0430⟨U+0430⟩y"],
  ])("marks %s", (_, name, shown) => {
    expect(showMarks(name)).toBe(shown);
  });

  it.each([
    "Zoë Müller-Lüdenscheidt",
    "Anna (Анна) Иванова",
    "ООО Gazprom",
    "Tシャツ 田中A社 카페Cafe",
    "Σοφία Παππά",
    "O'Brien 2nd",
    "Ἀθηνᾶ",
    "שָׁלוֹם",
  ])("leaves words of one alphabet, and ordinary mixtures, unchanged: %s", (name) => {
    expect(showMarks(name)).toBe(name);
  });

  it("leaves line breaks of a text that is no name", () => {
    expect(marksIn("one\ntwo\r\nthree")).toEqual([]);
  });
});

import { visible } from "../../../src/domain/core/visible.ts";

describe("what a text would hide", () => {
  it("leaves an ordinary text alone, with its lines, tabs, accents and other scripts", () => {
    const text = "Zoë Müller\n\tגרסיה Гарсия 田中 ❤️ 😀 $4,500 – “ok”\r\nbye";
    expect(visible(text)).toBe(text);
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
    expect(visible(text)).toBe(shown);
  });
});

import { CARDINALS, knownWord, ORDINALS, TENS, UNITS } from "./names.ts";
import { quote, type Read, read, unread } from "./types.ts";

/**
 * - `word`: a word that a form may contain
 * - `unknown`: any other word
 * - `number`, `ordinal`: `15` and `15th`, or `first`
 * - `clock`: `9:30`
 * - `date`: year, month and day in this order
 * - `numeric`: `1/15` or `1/15/2026`, in the order of the country
 * - `zoned`: an ISO date-time with its offset, as Temporal reads it
 * - `mark`: a separator
 */
export interface Token {
  kind: "word" | "unknown" | "number" | "ordinal" | "clock" | "date" | "numeric" | "zoned" | "mark";
  text: string;
  /** Of a number, in digits or in words. NaN: none. */
  value: number;
}

const LONGEST = 80;
/** More words and numbers than a day and a time need; each one costs time, because the forms are tried on every cut. */
const MOST_TOKENS = 12;
const DATE = String.raw`\d{4}-\d{2}-\d{2}`;
const SECONDS = String.raw`:\d{2}(?:\.\d{1,9})?`;
const OFFSET = String.raw`(?:z|[+-]\d{2}(?::?\d{2})?)`;
/** What must not follow digits: then they are a part of something else. */
const END = String.raw`(?![\d:])`;
const END_OF_NUMBER = String.raw`(?![\d:/]|\.\d)`;

/** The first one that fits is the token. `local` is an ISO date-time without an offset: two tokens. */
const SHAPES: readonly [Token["kind"] | "local", RegExp][] = (
  [
    ["zoned", `${DATE}(?:t\\d{2}:\\d{2}(?:${SECONDS})?| \\d{2}:\\d{2}${SECONDS})${OFFSET}(?![\\w:])`],
    ["zoned", `${DATE} \\d{2}:\\d{2}z(?![\\w:])`],
    ["local", `${DATE}t\\d{2}:\\d{2}(?:${SECONDS})?${END}`],
    ["date", `\\d{4}([-/])\\d{1,2}\\1\\d{1,2}${END}`],
    ["date", `\\d{8}${END}`],
    ["numeric", `\\d{1,2}([/.])\\d{1,2}\\1(?:\\d{4}|\\d{2})${END_OF_NUMBER}`],
    ["numeric", `\\d{1,2}-\\d{1,2}-\\d{4}${END_OF_NUMBER}`],
    ["numeric", `\\d{1,2}/\\d{1,2}${END_OF_NUMBER}`],
    ["clock", `\\d{1,2}:\\d{2}(?:${SECONDS})?${END_OF_NUMBER}`],
    ["ordinal", "\\d{1,2}(?:st|nd|rd|th)(?![a-z])"],
    ["number", `\\d{1,4}${END_OF_NUMBER}`],
    ["word", "[a-z]+(?:'[a-z]+)?"],
    ["mark", "\\.{2,}|[-/@~]"],
  ] as const
).map(([kind, source]) => [kind, new RegExp(source, "y")]);

/** Words that change nothing, and punctuation that only ends an abbreviation or a part. */
const FILLERS: ReadonlySet<string> = new Set(["on", "the", "of"]);
const SKIPPED = /[\s,()]+|\.(?![.\d])|(?<=[a-z])\.(?=\d)/y;

/** Splits a text into what the forms are made of. */
export function tokensOf(text: string): Read<Token[]> {
  if (text.length > LONGEST)
    return unread(`is longer than ${LONGEST} characters; name only the day and time`);
  const plain = normalised(text);
  if (/[^\x20-\x7e]/.test(plain)) return unread("has a character that dates and times are not written with");
  const tokens = split(plain);
  if (!tokens.ok) return tokens;
  const impossible = tokens.value.find((token) => token.kind === "clock" && !onTheClock(token.text));
  if (impossible) {
    const said = impossible.text.replace(/(:\d\d):00$/, "$1");
    return unread(`${quote(said)} is no time of day: hours go from 0 to 23, minutes to 59`);
  }
  if (tokens.value.length > MOST_TOKENS) return unread("has too many words; name only the day and time");
  return tokens.value.length > 0 ? tokens : unread("names no day and no time");
}

/**
 * Typographic variants become plain; `a.m.` becomes `am`, `15-Jan-2026` three words, and `9.30` a time, unless its minutes
 * may be a month: `9.12` is a day to many.
 */
const normalised = (text: string): string =>
  text
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " ")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[\u2018\u2019]/g, "'")
    .replaceAll("\u2026", "..")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/(?<![ .])[ .]+$/, "")
    .trim()
    .replace(/(?<![a-z])([ap])\. ?m\b\.?/g, "$1m")
    .replace(/(\d)\.(\d\d ?[ap]m)\b/g, "$1:$2")
    .replace(/(?<![\d.])(\d{1,2})\.(00|1[3-9]|[2-5]\d)(?![\d.])/g, "$1:$2")
    .replace(/(\d)-([a-z]{3,9})-(\d)/g, "$1 $2 $3");

function split(text: string): Read<Token[]> {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const skipped = matchAt(SKIPPED, text, at);
    if (skipped) {
      at += skipped.length;
      continue;
    }
    const found = shapeAt(text, at);
    if (!found) return unread(`cannot be read from ${quote(text.slice(at))} on`);
    at += found.text.length;
    tokens.push(...tokensIn(found));
  }
  return read(joined(tokens));
}

function matchAt(shape: RegExp, text: string, at: number): string | null {
  shape.lastIndex = at;
  return shape.exec(text)?.[0] ?? null;
}

function shapeAt(text: string, at: number): { kind: Token["kind"] | "local"; text: string } | null {
  for (const [kind, shape] of SHAPES) {
    const match = matchAt(shape, text, at);
    if (match) return { kind, text: match };
  }
  return null;
}

function tokensIn({ kind, text }: { kind: Token["kind"] | "local"; text: string }): Token[] {
  if (kind === "word") return FILLERS.has(text) ? [] : [wordToken(text)];
  const isNumber = kind === "number" || kind === "ordinal";
  if (kind !== "local") return [{ kind, text, value: isNumber ? Number.parseInt(text, 10) : NaN }];
  const [date = "", time = ""] = text.split("t");
  // With its seconds, a clock time is never taken for one of twelve hours.
  const clock = time.length === 5 ? `${time}:00` : time;
  return [
    { kind: "date", text: date, value: NaN },
    { kind: "clock", text: clock, value: NaN },
  ];
}

function wordToken(said: string): Token {
  const text = knownWord(said);
  if (text === null) return { kind: "unknown", text: said, value: NaN };
  const ordinal = ORDINALS.get(text);
  if (ordinal !== undefined) return { kind: "ordinal", text, value: ordinal };
  return { kind: "word", text, value: CARDINALS.get(text) ?? NaN };
}

/** `twenty-five` and `twenty first` become one token. */
function joined(tokens: Token[]): Token[] {
  const result: Token[] = [];
  for (const token of tokens) {
    const dash = result.at(-1)?.text === "-" ? 1 : 0;
    const tens = result.at(-1 - dash);
    if (tens && TENS.has(tens.text) && token.value < 10 && isUnit(token)) {
      result.splice(-1 - dash);
      result.push({ ...token, text: `${tens.text}-${token.text}`, value: tens.value + token.value });
    } else result.push(token);
  }
  return result;
}

const isUnit = ({ kind, text }: Token): boolean =>
  UNITS.includes(text) || (kind === "ordinal" && ORDINALS.has(text));

function onTheClock(text: string): boolean {
  const [hour = 0, minute = 0, second = 0] = text.split(":").map(Number);
  return hour < 24 && minute < 60 && second < 61; // `instantIn` reads second 60 as 59.
}

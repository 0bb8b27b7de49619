import type { Temporal } from "temporal-polyfill";
import { type Half, NOON, parsePoint, plainTime, type Point, rangeOf, timeInWords } from "./clock.ts";
import { cuts, cutsAt, type Form, formsOf, matchForm, PARTS } from "./forms.ts";
import type { Token } from "./tokens.ts";
import { type DayParts, type Read, read, unread } from "./types.ts";

/** What a text says of a time of day. */
export type TimePhrase = (
  | { kind: "exact"; at: Temporal.PlainTime; bare: boolean }
  | { kind: "range"; from: Temporal.PlainTime | null; to: Temporal.PlainTime | null }
  /** `half` 0 is the first half of the part, 1 the last one. */
  | { kind: "part"; part: keyof DayParts; half: number | null }
  | { kind: "any" }
  | { kind: "asap" }
  | { kind: "now" }
) & {
  /** `tonight` and `this morning` name the day too. */
  today?: boolean;
};

type PartPhrase = Extract<TimePhrase, { kind: "part" }>;

const part = (index: number, half: number | null, today: boolean): PartPhrase => ({
  kind: "part",
  part: PARTS[index] ?? "evening",
  half,
  today,
});

const WORDS: Form<TimePhrase>[] = formsOf<TimePhrase>({
  "any|anytime|whenever": () => ({ kind: "any" }),
  "any time": () => ({ kind: "any" }),
  asap: () => ({ kind: "asap" }),
  "as soon as possible": () => ({ kind: "asap" }),
  now: () => ({ kind: "now" }),
});

const PART_WORDS: Form<PartPhrase>[] = formsOf<PartPhrase>({
  "in? <part>": (index) => part(index, null, false),
  "in? <half> in? <part>": (half, index) => part(index, half, false),
  "at <part>": (index) => part(index, null, false),
  "this <part>": (index) => part(index, null, true),
  "this <half> <part>": (half, index) => part(index, half, true),
  "<half> this <part>": (half, index) => part(index, half, true),
  tonight: () => part(2, null, true),
  "<half> tonight": (half) => part(2, half, true),
});

/** What was said of the time, or the half of the day that was said beside it. */
interface Said {
  tokens: readonly Token[];
  half: Half | null;
}

/** What the tokens say of a time of day; `null` if they are no such words. */
export function parseTime(tokens: readonly Token[]): Read<TimePhrase> | null {
  const words = matchForm(WORDS, tokens) ?? matchForm(PART_WORDS, tokens);
  if (words) return read(words);
  return timeAt({ tokens, half: null }) ?? anyTime(tokens) ?? inPart(tokens);
}

/** `any time after 2` */
function anyTime(tokens: readonly Token[]): Read<TimePhrase> | null {
  const [first, second] = tokens;
  if (first?.text === "anytime") return parseTime(tokens.slice(1));
  return first?.text === "any" && second?.text === "time" ? parseTime(tokens.slice(2)) : null;
}

/** `9 in the morning`, `tonight at 8`, `evening, 5 to 7` */
function inPart(tokens: readonly Token[]): Read<TimePhrase> | null {
  for (const [left, right] of cuts(tokens)) {
    const first = matchForm(PART_WORDS, left);
    const said = first ?? matchForm(PART_WORDS, right);
    if (!said) continue;
    const time = timeAt({ tokens: first ? right : left, half: said.part === "morning" ? 0 : 12 });
    if (time?.ok) return read({ ...time.value, today: said.today ?? false });
    if (time) return time;
  }
  return null;
}

const exact = ({ at, bare }: Point): Read<TimePhrase> => read({ kind: "exact", at: plainTime(at), bare });

const ABOUT = ["around", "about", "approximately", "approx", "roughly", "circa", "~"];

function timeAt({ tokens, half }: Said): Read<TimePhrase> | null {
  const [first, ...rest] = tokens;
  if (!first) return null;
  if (first.text === "at" || first.text === "@") return timeAt({ tokens: rest, half });
  const point =
    parsePoint(tokens, half) ?? (ABOUT.includes(first.text) ? parsePoint(withoutAt(rest), half) : null);
  return point ? exact(point) : (closedRange({ tokens, half }) ?? openRange({ tokens, half }));
}

const withoutAt = (tokens: readonly Token[]): readonly Token[] =>
  tokens[0]?.text === "at" ? tokens.slice(1) : tokens;

const AFTER = ["after", "from", "past"];
const BEFORE = ["before", "by", "until", "till"];

function openRange({ tokens: [first, ...rest], half }: Said): Read<TimePhrase> | null {
  const isAfter = AFTER.includes(first?.text ?? "");
  if (!isAfter && !BEFORE.includes(first?.text ?? "")) return null;
  const point = parsePoint(rest, half);
  if (!point) return null;
  if (isAfter) return read({ kind: "range", from: plainTime(point.at), to: null });
  // Before the midnight that ends the day is any time of the day.
  return read(point.at === 0 ? { kind: "any" } : { kind: "range", from: null, to: plainTime(point.at) });
}

const TO = ["to", "-", "until", "till", "through", "thru", "..", "..."];

/** `between 1 and 3 pm`, `from 9 to 11`, `9-11` */
function closedRange({ tokens, half }: Said): Read<TimePhrase> | null {
  const [first, ...rest] = tokens;
  const isPair = first?.text === "between";
  const times = isPair || first?.text === "from" ? rest : tokens;
  for (const [left, right] of cutsAt(times, isPair ? ["and"] : TO)) {
    const from = rangePoint(left);
    const to = endPoint(right, half);
    if (from && to) return rangeBetween(from, to);
  }
  return null;
}

const HOURS: Form<Point>[] = formsOf<Point>({
  "<hour24>": (hour) => ({ at: hour * 3_600_000, bare: false }),
});

/** A time in a range may be an hour of 24: `14-16`. */
const rangePoint = (tokens: readonly Token[]): Point | null => parsePoint(tokens) ?? matchForm(HOURS, tokens);

/** The 12 that ends `10 to 12 in the morning` is noon, and the one that ends `8 to 12 tonight` is midnight. */
function endPoint(tokens: readonly Token[], half: Half | null): Point | null {
  const point = rangePoint(tokens);
  if (half === null || !point?.bare || point.at !== NOON)
    return half === null ? point : parsePoint(tokens, half);
  return { at: half === 0 ? NOON : 0, bare: false };
}

function rangeBetween(from: Point, to: Point): Read<TimePhrase> {
  const range = rangeOf(from, to);
  if (!range) {
    return unread(
      `does not end after it begins: ${timeInWords(plainTime(from.at))} to ${timeInWords(plainTime(to.at))}`,
    );
  }
  return read({
    kind: "range",
    from: plainTime(range.from),
    to: range.to === null ? null : plainTime(range.to),
  });
}

export function phraseInWords(phrase: TimePhrase): string {
  switch (phrase.kind) {
    case "exact":
      return `time ${timeInWords(phrase.at)}`;
    case "part":
      return `part of the day "${phrase.part}"`;
    case "range":
      return `times ${[phrase.from && `from ${timeInWords(phrase.from)}`, phrase.to && `to ${timeInWords(phrase.to)}`].filter(Boolean).join(" ")}`;
    default:
      return `word "${phrase.kind === "any" ? "any time" : phrase.kind}"`;
  }
}

import { MONTH_NUMBERS, WEEKDAY_NUMBERS } from "./names.ts";
import type { Token } from "./tokens.ts";

/** The lengths that a number counts, in the order of `<unit>`. */
export const LENGTHS = [{ days: 1 }, { weeks: 1 }, { weeks: 2 }, { months: 1 }, { years: 1 }] as const;
/** In the order of `<part>`. */
export const PARTS = ["morning", "afternoon", "evening"] as const;

type Slot = (token: Token) => number | undefined;

const oneOf =
  (values: Readonly<Record<string, number>>): Slot =>
  ({ text }) =>
    Object.hasOwn(values, text) ? values[text] : undefined;

const within = ({ value }: Token, least: number, most: number): number | undefined =>
  value >= least && value <= most ? value : undefined;

/** What a slot of a form takes, and the number it gives. */
const SLOTS = {
  weekday: ({ text }) => WEEKDAY_NUMBERS.get(text),
  month: ({ text }) => MONTH_NUMBERS.get(text),
  monthNumber: ({ text, value }) => (/^(0[1-9]|1[0-2])$/.test(text) ? value : undefined),
  year: (token) => (/^\d{4}$/.test(token.text) ? within(token, 1900, 2199) : undefined),
  /** A day of a month after or before the month's name. */
  day: ({ kind, text, value }) => (kind === "ordinal" || /^\d{1,2}$/.test(text) ? value : undefined),
  ordinal: ({ kind, value }) => (kind === "ordinal" ? value : undefined),
  /** Which of the weekdays in a month. */
  nth: (token) => (token.text === "last" ? -1 : token.kind === "ordinal" ? within(token, 1, 5) : undefined),
  edge: oneOf({ start: 1, beginning: 1, end: -1 }),
  /** This week, the next one, or the one before. */
  which: oneOf({ this: 0, current: 0, next: 1, last: -1, previous: -1 }),
  count: ({ kind, text, value }) =>
    text === "a" || text === "an"
      ? 1
      : kind === "number" || kind === "word"
        ? numberOrNone(value)
        : undefined,
  unit: oneOf({
    ...{ day: 0, days: 0, week: 1, weeks: 1, wk: 1, wks: 1, fortnight: 2, fortnights: 2 },
    ...{ month: 3, months: 3, year: 4, years: 4 },
  }),
  /** In minutes. */
  clockUnit: oneOf({ minute: 1, minutes: 1, min: 1, mins: 1, hour: 60, hours: 60, hr: 60, hrs: 60 }),
  part: oneOf({ morning: 0, afternoon: 1, evening: 2, night: 2 }),
  half: oneOf({ early: 0, late: 1 }),
  /** Hours to add to an hour of twelve. */
  meridiem: oneOf({ am: 0, pm: 12 }),
  hour: (token) =>
    /^\d{3,}$/.test(token.text) || token.kind === "ordinal" ? undefined : within(token, 1, 12),
  hour24: (token) => (/^\d\d$/.test(token.text) ? within(token, 13, 23) : undefined),
  hourWord: (token) => (token.kind === "word" ? within(token, 1, 12) : undefined),
  minuteWord: (token) => (token.kind === "word" ? within(token, 5, 59) : undefined),
  minutes: (token) => (token.kind === "word" || token.kind === "number" ? within(token, 1, 59) : undefined),
  /** In milliseconds of the day, written so that it can only be a time of 24 hours. */
  clock24: ({ kind, text }) => (kind === "clock" && !ofTwelve(text) ? millisecondsOf(text) : undefined),
  /** In milliseconds of the day, written so that it may be one of twelve hours. */
  clock12: ({ kind, text }) => (kind === "clock" && ofTwelve(text) ? millisecondsOf(text) : undefined),
  /** `1530` */
  fourDigits: ({ kind, text }) =>
    kind === "number" && /^([01]\d|2[0-3])[0-5]\d$/.test(text)
      ? millisecondsOf(`${text.slice(0, 2)}:${text.slice(2)}`)
      : undefined,
} satisfies Record<string, Slot>;

const numberOrNone = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

const ofTwelve = (clock: string): boolean => /^([1-9]|1[0-2]):\d\d$/.test(clock);

function millisecondsOf(clock: string): number {
  const [hour = 0, minute = 0, second = 0] = clock.split(":").map(Number);
  return (hour * 60 + minute) * 60_000 + (second < 60 ? Math.round(second * 1000) : 59_000); // As `instantIn` does.
}

/** Gets the numbers of the form's slots in order. `null` declines. */
export type Build<T> = (...values: number[]) => T | null;
type Element = (token: Token) => number | null | undefined;
export type Form<T> = { elements: Element[]; build: Build<T> };

/**
 * Forms from a table. A key is words and slots: `next|this <weekday>` takes one of two words and a slot, and a `?` makes
 * an element optional.
 */
export const formsOf = <T>(table: Readonly<Record<string, Build<T>>>): Form<T>[] =>
  Object.entries(table).flatMap(([key, build]) =>
    variants(key.split(" ")).map((words) => ({ elements: words.map(elementOf), build })),
  );

function variants([first, ...rest]: string[]): string[][] {
  if (first === undefined) return [[]];
  const others = variants(rest);
  if (!first.endsWith("?")) return others.map((other) => [first, ...other]);
  return [...others.map((other) => [first.slice(0, -1), ...other]), ...others];
}

const isSlot = (name: string): name is keyof typeof SLOTS => Object.hasOwn(SLOTS, name);

/** A slot gives its number, a word `null`; `undefined` means that the token does not fit. */
function elementOf(word: string): Element {
  const name = /^<(\w+)>$/.exec(word)?.[1];
  if (name === undefined) {
    const words = new Set(word.split("|"));
    return ({ text }) => (words.has(text) ? null : undefined);
  }
  if (!isSlot(name)) throw new Error(`no slot ${name}`);
  return SLOTS[name];
}

/** What the first form that fits all of the tokens makes of them. */
export function matchForm<T>(forms: readonly Form<T>[], tokens: readonly Token[]): T | null {
  for (const { elements, build } of forms) {
    if (elements.length !== tokens.length) continue;
    const values = tokens.map((token, index) => elements[index]?.(token));
    if (values.includes(undefined)) continue;
    const built = build(...values.filter((value) => typeof value === "number"));
    if (built !== null) return built;
  }
  return null;
}

/** Every way to cut a list into two that are not empty, the longest first part first. */
export const cuts = (tokens: readonly Token[]): [Token[], Token[]][] =>
  tokens.slice(1).map((_, index) => [tokens.slice(0, -1 - index), tokens.slice(tokens.length - 1 - index)]);

/** Every way to cut a list at one of the words, which is left out. */
export const cutsAt = (tokens: readonly Token[], words: readonly string[]): [Token[], Token[]][] =>
  tokens.flatMap((token, index): [Token[], Token[]][] =>
    words.includes(token.text) && index > 0 && index < tokens.length - 1
      ? [[tokens.slice(0, index), tokens.slice(index + 1)]]
      : [],
  );

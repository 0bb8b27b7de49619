import { type DatePhrase, type DayPhrase, parseDay } from "./day-phrase.ts";
import { cutsAt, type Form, formsOf, matchForm } from "./forms.ts";
import type { Token } from "./tokens.ts";

/** What a text says of one or more days, before it is known when it was said. `ahead` 0 is this week, 1 the next. */
export type SpanPhrase =
  | { kind: "day"; day: DayPhrase }
  | { kind: "week" | "weekend" | "month" | "year"; ahead: number }
  | { kind: "week of"; day: DayPhrase }
  | { kind: "month of"; month: number; year: number | null }
  /** Some of `LENGTHS[unit]`, the first or the last of which is today. */
  | { kind: "length"; count: number; unit: number }
  | { kind: "between"; from: DayPhrase; to: DayPhrase };

const FORMS: Form<SpanPhrase>[] = formsOf<SpanPhrase>({
  "<which> week": (ahead) => ({ kind: "week", ahead }),
  "<which>? weekend": (ahead = 0) => ({ kind: "weekend", ahead }),
  "<which> month": (ahead) => ({ kind: "month", ahead }),
  "<which> year": (ahead) => ({ kind: "year", ahead }),
  "in? <month> <year>?": (month, year) => ({ kind: "month of", month, year: year ?? null }),
  "<year> - <monthNumber>": (year, month) => ({ kind: "month of", month, year }),
  "<year>": (year) => ({
    kind: "between",
    from: { kind: "date", year, month: 1, day: 1 },
    to: { kind: "date", year, month: 12, day: 31 },
  }),
  "next <count> <unit>": (count, unit) => ({ kind: "length", count, unit }),
  "last|past|previous <count> <unit>": (count, unit) => ({ kind: "length", count: -count, unit }),
});

/** What the tokens say of a span; `null` if they are no such words. */
export function parseSpan(tokens: readonly Token[]): SpanPhrase | null {
  const day = parseDay(tokens);
  if (day) return { kind: "day", day };
  return matchForm(FORMS, tokens) ?? weekOf(tokens) ?? between(tokens);
}

function weekOf([first, ...rest]: readonly Token[]): SpanPhrase | null {
  const day = first?.text === "week" ? parseDay(rest) : null;
  return day && { kind: "week of", day };
}

const TO = ["to", "-", "through", "thru", "until", "till", "..", "..."];

/** `between A and B`, `from A to B`, `A - B`, and two ISO dates with a slash. */
function between(tokens: readonly Token[]): SpanPhrase | null {
  const [first, ...rest] = tokens;
  if (first?.text === "between") return firstPair(cutsAt(rest, ["and"]));
  const days = first?.text === "from" ? rest : tokens;
  const iso = days.length === 3 && days[0]?.kind === "date" && days[2]?.kind === "date";
  return firstPair(cutsAt(days, iso ? [...TO, "/"] : TO));
}

function firstPair(pairs: readonly [Token[], Token[]][]): SpanPhrase | null {
  for (const [left, right] of pairs) {
    const pair = pairOf(left, right);
    if (pair) return { kind: "between", ...pair };
  }
  return null;
}

interface Pair {
  from: DayPhrase;
  to: DayPhrase;
}

/** `Jan 3 - 9` and `3 - 9 January` name their month once. */
function pairOf(left: readonly Token[], right: readonly Token[]): Pair | null {
  const from = parseDay(left);
  const to = parseDay(right);
  if (from && to) return aligned({ from, to });
  if (from?.kind === "date") {
    const day = bareDay(right) ?? bareDayAndYear(right, from);
    return day && aligned({ from, to: day });
  }
  const day = to?.kind === "date" ? bareDay(left) : null;
  return to && day && aligned({ from: day, to });
}

/** What only one side names, the other side means too. */
function aligned({ from, to }: Pair): Pair {
  if (to.kind === "date" && from.kind === "day of month" && from.day <= to.day) {
    return { from: { ...to, day: from.day }, to };
  }
  if (from.kind !== "date") return { from, to };
  if (to.kind === "day of month" && to.day >= from.day) return { from, to: { ...from, day: to.day } };
  if (to.kind !== "date") return { from, to };
  const over = isLater(from, to) ? 1 : 0; // From December to January.
  if (from.year === null && to.year !== null) return { from: { ...from, year: to.year - over }, to };
  return from.year !== null && to.year === null
    ? { from, to: { ...to, year: from.year + over } }
    : { from, to };
}

const isLater = (one: DatePhrase, other: DatePhrase): boolean =>
  one.month > other.month || (one.month === other.month && one.day > other.day);

const DAY: Form<DayPhrase>[] = formsOf<DayPhrase>({ "<day>": (day) => ({ kind: "day of month", day }) });
const bareDay = (tokens: readonly Token[]): DayPhrase | null => matchForm(DAY, tokens);

const DAY_AND_YEAR: Form<{ day: number; year: number }>[] = formsOf({
  "<day> <year>": (day: number, year: number) => ({ day, year }),
});

function bareDayAndYear(tokens: readonly Token[], from: DayPhrase | null): DayPhrase | null {
  const said = matchForm(DAY_AND_YEAR, tokens);
  return said && from?.kind === "date" ? { ...from, ...said } : null;
}

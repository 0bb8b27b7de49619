import { type DayPhrase, parseDay } from "./day-phrase.ts";
import { cuts, cutsAt } from "./forms.ts";
import { type MomentPhrase, parseMoment } from "./moment-phrase.ts";
import { nearestNames } from "./names.ts";
import { parseSpan, type SpanPhrase } from "./span-phrase.ts";
import { parseTime, phraseInWords, type TimePhrase } from "./time-phrase.ts";
import { type Token, tokensOf } from "./tokens.ts";
import { quote, type Read, read, type Refusal, unread } from "./types.ts";

/** What a text can be read as. */
export interface Phrases {
  day: DayPhrase;
  span: SpanPhrase;
  time: TimePhrase;
  moment: MomentPhrase;
}
export type Kind = keyof Phrases;

type Parsers = { [K in Kind]: (tokens: readonly Token[]) => Read<Phrases[K]> | null };

const found = <T>(phrase: T | null): Read<T> | null => (phrase === null ? null : read(phrase));

const PARSERS: Parsers = {
  day: (tokens) => found(parseDay(tokens)),
  span: (tokens) => found(parseSpan(tokens)),
  time: parseTime,
  moment: parseMoment,
};

/** What a text says, before it is known when and where it was said. */
export function parse<K extends Kind>(kind: K, text: string): Read<Phrases[K]> {
  const tokens = tokensOf(text);
  if (kind !== "span" && YEAR.test(text.trim())) return yearFault(kind, text.trim());
  return tokens.ok ? (PARSERS[kind](tokens.value) ?? explain(kind, tokens.value, text)) : tokens;
}

/** Also a time on a clock without a colon. */
const YEAR = /^20[0-5]\d$/;

function yearFault(kind: Kind, year: string): Refusal {
  const readings = {
    ...(kind !== "time" && { day: `${year}-01-01` }),
    ...(kind !== "day" && { time: `${year.slice(0, 2)}:${year.slice(2)}` }),
  };
  return unread(`${year} may be a year or a time of day`, Object.values(readings));
}

const EXPECTED: Readonly<Record<Kind, string>> = {
  day: "a day, such as 2026-01-15, tomorrow or next Friday",
  span: "days, such as next week or 2026-01-15 to 2026-01-20",
  time: "a time of day, such as 14:00, 9 AM or morning",
  moment: "a day and a time, such as 2026-01-15T14:00 or Friday at 2 PM",
};

/** Why the tokens are not what is expected, with what is understood of them. */
function explain(kind: Kind, tokens: readonly Token[], text: string): Refusal {
  const more = moreThanExpected(kind, tokens);
  if (more) return unread(`${more}; expected ${EXPECTED[kind]}`);
  const part = understood(tokens);
  const unknown = (part?.rest ?? tokens).filter((token) => token.kind === "unknown");
  const names = nearestNames(unknown[0]?.text ?? "").join(" or ");
  const advice = names ? `did you mean ${names}?` : `expected ${EXPECTED[kind]}`;
  const wanted = kind === "time" ? "time" : "day";
  if (!part) return unread(`${quote(text.trim())} names no ${wanted} that is known; ${advice}`);
  const rest = unknown.length > 0 ? unknown : part.rest;
  return unread(`understood the ${part.words}, but not ${quote(saidIn(rest))}; ${advice}`);
}

/** What else the tokens name, if they can be read as something else. */
function moreThanExpected(kind: Kind, tokens: readonly Token[]): string | null {
  const moment = parseMoment(tokens);
  if (moment?.ok) {
    const { value } = moment;
    if (value.kind === "time") return "names a time, but no day";
    return kind === "time" ? "names a day" : "names a time too";
  }
  if (parseSpan(tokens)) return "names several days";
  const isList = cutsAt(tokens, ["and", "or"]).some(([one, other]) => parseDay(one) && parseDay(other));
  return isList ? "names two days" : null;
}

const saidIn = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join(" ");

/** The longest beginning or end of the tokens that is a day or a time. */
function understood(tokens: readonly Token[]): { words: string; rest: Token[] } | null {
  const pairs = cuts(tokens).flatMap(([left, right]) => [
    { part: left, rest: right },
    { part: right, rest: left },
  ]);
  pairs.sort((one, other) => other.part.length - one.part.length);
  for (const { part, rest } of pairs) {
    const time = parseTime(part);
    if (time?.ok) return { words: phraseInWords(time.value), rest };
    if (parseDay(part)) return { words: `day ${quote(saidIn(part))}`, rest };
  }
  return null;
}

import { DAY_CODES, type DayCode, WORKDAYS } from "./rfc5545.ts";

/** `every other tuesday` → `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU`; null where the words are not understood. */
export function ruleOfWords(words: string): string | null {
  const text = normalize(words);
  for (const read of [daily, weekly, monthlyByWeekday, monthlyByDate, yearlyByDate, everyFew]) {
    const rule = read(text);
    if (rule !== null) return rule;
  }
  return null;
}

const normalize = (words: string): string =>
  words
    .toLowerCase()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/(?<![.!])[.!]+$|\bplease\b|,? ?\b(starting|beginning) now\b/g, "")
    .replaceAll(/\beach\b|\bany\b/g, "every")
    .replaceAll(/\b(every|of|on) the\b/g, "$1")
    .replaceAll("&", " and ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .replace(/^(?:monthly|every month) on (?:the )?(.+)$/, "$1 of every month")
    .replace(/^quarterly on (?:the )?(.+)$/, "$1 of every 3 months")
    .replace(/^(every (?:other|\d+|two|three|four|six) months?) on (?:the )?(.+)$/, "$2 of $1");

const DAY = "(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?";
const AND = "(?:, and | and |, | or )";
const DAYS = `(${DAY}(?:${AND}${DAY})*)`;
const NTH = "(?:first|second|third|fourth|fifth|last|second last|1st|2nd|3rd|4th|5th)";
const NTHS = `(${NTH}(?:${AND}${NTH})*)`;
const DATE = "(?:\\d{1,2}(?:st|nd|rd|th)?)";
const DATES = `(${DATE}(?:${AND}${DATE})*)`;
const NUMBER = "(other|second|2nd|third|3rd|fourth|4th|[1-9]\\d?|two|three|four|five|six|eight|ten|twelve)";
const MONTH_NAMES =
  "january february march april may june july august september october november december".split(" ");
const MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*";
const MONTHS = `(${MONTH}(?:${AND}${MONTH})*)`;

const matches = (pattern: string, text: string): (string | undefined)[] | null =>
  new RegExp(`^${pattern}$`).exec(text)?.slice(1) ?? null;

const listed = (text = ""): string[] => text.split(new RegExp(AND)).filter((each) => each !== "");

const codeOf = (day: string): DayCode | undefined =>
  DAY_CODES.find((code) => day.slice(0, 2).toUpperCase() === code);

/** In the order of the week, each once. */
function codesOf(days: string | undefined): string {
  const named = new Set(listed(days).map(codeOf));
  return DAY_CODES.filter((code) => named.has(code)).join(",");
}

const COUNTED: Readonly<Record<string, number>> = {
  ...{ other: 2, second: 2, two: 2, third: 3, three: 3, fourth: 4, four: 4, five: 5, six: 6 },
  ...{ eight: 8, ten: 10, twelve: 12, first: 1, fifth: 5, last: -1, "second last": -2 },
};
const numberOf = (word: string | undefined): number =>
  word === undefined ? 1 : (COUNTED[word] ?? Number.parseInt(word, 10));

const interval = (count: number): string => (count > 1 ? `;INTERVAL=${count}` : "");

function daily(text: string): string | null {
  if (/^(daily|every day|once a day)$/.test(text)) return "FREQ=DAILY";
  if (
    /^(weekdays|((every|on) )?(weekday|(working|work|business) day)s?|(monday|mon) (to|through|-) (friday|fri))$/.test(
      text,
    )
  )
    return `FREQ=WEEKLY;BYDAY=${WORKDAYS.join(",")}`;
  if (/^((every|on) )?weekends?$/.test(text)) return "FREQ=WEEKLY;BYDAY=SA,SU";
  const few = matches(`every ${NUMBER} days?`, text);
  return few && `FREQ=DAILY${interval(numberOf(few[0]))}`;
}

/** Weeks, with or without weekdays: `fortnightly on Mondays`, `every third Friday`. */
function weekly(text: string): string | null {
  const on = `(?: on ${DAYS}| ${DAYS})?`;
  const frequent: [string, number | null][] = [
    ["(?:weekly|every week|once a week)", 1],
    ["(?:biweekly|bi-weekly|fortnightly|every fortnight|every 2 weeks|every two weeks|every other week)", 2],
    [`every ${NUMBER} weeks?`, null],
  ];
  for (const [often, weeks] of frequent) {
    const found = matches(`${often}${on}`, text) ?? matches(`(?:on )?${DAYS},? ${often}`, text)?.reverse();
    if (!found) continue;
    const count = weeks ?? numberOf(found.find((each) => each !== undefined && !codesOf(each)));
    const days = codesOf(found.find((each) => each !== undefined && codesOf(each) !== ""));
    return `FREQ=WEEKLY${interval(count)}${days && `;BYDAY=${days}`}`;
  }
  const [every, days] = matches(`(?:every |on )?(?:${NUMBER} )?${DAYS}`, text) ?? [];
  if (days === undefined) return null;
  return `FREQ=WEEKLY${interval(numberOf(every))};BYDAY=${codesOf(days)}`;
}

/** `of every 3 months`, `of the month`; without it `first Monday` means every month. */
const OF_MONTHS = `(?: (?:of|in) (?:a month|month|every month|months|every ${NUMBER} months?|the month)| every month)`;

function monthlyByWeekday(text: string): string | null {
  const [nths, days, months] = matches(`(?:every |on )?(?:the )?${NTHS} ${DAYS}${OF_MONTHS}`, text) ??
    matches(`(?:every |on )?(?:the )?(first|1st|last|${NTH}(?:${AND}${NTH})+)() ?${DAYS}`, text)?.filter(
      (each) => each !== "",
    ) ?? [undefined];
  if (nths !== undefined && days !== undefined) {
    const chosen = listed(nths).map(numberOf);
    const each = listed(codesOf(days).replaceAll(",", ", ")).flatMap((code) =>
      chosen.map((nth) => `${nth}${code}`),
    );
    return `FREQ=MONTHLY${interval(numberOf(months))};BYDAY=${each.join(",")}`;
  }
  const workday = matches(
    `(?:every |on )?(?:the )?(first|last) (?:weekday|working day|work day|business day|workday)(?:${OF_MONTHS})?`,
    text,
  );
  if (!workday) return null;
  return `FREQ=MONTHLY${interval(numberOf(workday[1]))};BYDAY=${WORKDAYS.join(",")};BYSETPOS=${numberOf(workday[0])}`;
}

/** `on the 15th of every month`, `the 1st and 15th`, `last day of the month`. */
function monthlyByDate(text: string): string | null {
  const end = matches(
    `(?:every |on )?(?:the )?(first|last) day(?:${OF_MONTHS})?|(?:at )?(?:the )?end${OF_MONTHS}`,
    text,
  );
  if (end) {
    const [which = "last", ...months] = end;
    return `FREQ=MONTHLY${interval(numberOf(months.find((each) => each !== undefined)))};BYMONTHDAY=${numberOf(which)}`;
  }
  const [dates, months] = matches(`(?:every |on )?(?:the |day )?${DATES}(?:${OF_MONTHS})?`, text) ?? [];
  if (dates === undefined) return null;
  const days = listed(dates).map(numberOf);
  return days.every((day) => day >= 1 && day <= 31)
    ? `FREQ=MONTHLY${interval(numberOf(months))};BYMONTHDAY=${days.join(",")}`
    : null;
}

const monthOf = (name: string): number =>
  MONTH_NAMES.findIndex((month) => month.startsWith(name.slice(0, 3))) + 1;

/** `every year on May 1`, `first Monday of May`, `every April and October`. */
function yearlyByDate(text: string): string | null {
  const yearly = "(?:(?:yearly|annually|every year|once a year)(?: on| in)?(?: the)? )?";
  const [months, day] =
    matches(`(?:every )?${yearly}${MONTHS} (\\d{1,2})(?:st|nd|rd|th)?(?: every year)?`, text) ?? [];
  if (months !== undefined && Number(day) <= 31)
    return `FREQ=YEARLY;BYMONTH=${listed(months).map(monthOf).join(",")};BYMONTHDAY=${day}`;
  const [nth, weekday, of] =
    matches(`${yearly}(?:the )?(?:every )?(${NTH}) (${DAY}) (?:of|in) (?:every )?${MONTHS}`, text) ?? [];
  if (weekday !== undefined)
    return `FREQ=YEARLY;BYMONTH=${listed(of).map(monthOf).join(",")};BYDAY=${numberOf(nth)}${codeOf(weekday)}`;
  const [alone] = matches(`(?:every|${yearly.slice(0, -1)}) ?(?:in )?${MONTHS}`, text) ?? [];
  return alone === undefined ? null : `FREQ=YEARLY;BYMONTH=${listed(alone).map(monthOf).join(",")}`;
}

/** Months and years that take their day from the first day: `quarterly`, `twice a year`. */
function everyFew(text: string): string | null {
  const known: [RegExp, string][] = [
    [/^(monthly|every month|once a month)$/, "FREQ=MONTHLY"],
    [
      /^(twice a month|two times a month|twice monthly|semi-?monthly|twice every month)$/,
      "FREQ=MONTHLY;BYMONTHDAY=1,15",
    ],
    [/^(quarterly|every quarter|four times a year|4 times a year)$/, "FREQ=MONTHLY;INTERVAL=3"],
    [
      /^(twice a year|two times a year|half-?yearly|every half year|semi-?annually|biannually)$/,
      "FREQ=MONTHLY;INTERVAL=6",
    ],
    [/^(three times a year|3 times a year)$/, "FREQ=MONTHLY;INTERVAL=4"],
    [/^(yearly|annually|every year|once a year)$/, "FREQ=YEARLY"],
  ];
  const found = known.find(([pattern]) => pattern.test(text));
  if (found) return found[1];
  const few = matches(`every ${NUMBER} (month|year)s?`, text);
  return few && `FREQ=${few[1] === "month" ? "MONTHLY" : "YEARLY"}${interval(numberOf(few[0]))}`;
}

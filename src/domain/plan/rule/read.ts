import { Temporal } from "temporal-polyfill";
import { validationFailed } from "../../core/errors.ts";
import { clockTime } from "../../core/time.ts";
import { firstDate, lastOfCount } from "./dates.ts";
import { ruleInWords } from "./in-words.ts";
import {
  DAY_CODES,
  formatRule,
  isRule,
  parseRule,
  RuleFault,
  type RuleEnd,
  type RuleParts,
} from "./rfc5545.ts";
import { ruleOfWords } from "./of-words.ts";

const EXAMPLES = "every other Tuesday; first Monday of the month; FREQ=WEEKLY;BYDAY=MO,TH";

export interface ReadRule {
  /** `FREQ=WEEKLY;BYDAY=TU` */
  rule: string;
  ends_on: string | null;
  hints: string[];
}

interface AskedRule {
  /** In words or as RFC 5545. */
  rule: string;
  first_day: string;
  ends_on: string | null;
}

/** The rule that a request means. Throws `validation_failed` with examples. */
export function readRule({ rule: asked, first_day, ends_on }: AskedRule): ReadRule {
  const read = parse(asked);
  const parts = completed(read, first_day);
  const rule = formatRule(parts);
  const end = endOf(read, { rule, first_day, ends_on });
  const plan = { rule, first_day, ends_on: end, exceptions: [] };
  if (firstDate(plan, first_day) === null)
    throw fault(
      `has no date ${end ? `from ${first_day} to ${end}` : "in the next five years"}: ${ruleInWords(parts)}`,
    );
  return { rule, ends_on: end, hints: monthEndHint(parts) };
}

function parse(asked: string): RuleParts & RuleEnd {
  try {
    const rule = isRule(asked) ? asked : ruleOfWords(asked);
    if (rule === null) throw notUnderstood(asked);
    return parseRule(rule);
  } catch (error) {
    throw error instanceof RuleFault ? fault(error.message) : error;
  }
}

const fault = (message: string, hint = `Say it in words or as an RFC 5545 rule, such as: ${EXAMPLES}.`) =>
  validationFailed([{ path: "data.rule", message }], hint);

/** `every Tuesday at 9am`: the words before the time of day, and the time. */
const WITH_TIME = /^(.+?),? (?:at|@) (.{1,20})$/i;

/** `twice a week` */
const SO_OFTEN_A_WEEK = /^(?:twice|\w{1,9} times) (?:(?:a|per|each|every) week|weekly)$/i;

function notUnderstood(asked: string): RuleFault {
  if (SO_OFTEN_A_WEEK.test(asked.trim()))
    return new RuleFault(
      `does not say on which days (${asked.trim()}); name them: every Monday and Thursday`,
    );
  const [, days = "", time = ""] = WITH_TIME.exec(asked.trim()) ?? [];
  return days !== "" && ruleOfWords(days) !== null
    ? new RuleFault(`names a time of day (${time}); give it as time, and here only: ${days}`)
    : new RuleFault(`is not understood: ${asked}`);
}

/** A rule that leaves its day open takes it from the first day, so that it can be read by itself. */
function completed(parts: RuleParts, firstDay: string): RuleParts {
  const { day, month, dayOfWeek } = Temporal.PlainDate.from(firstDay);
  const { frequency, days, monthDays, months } = parts;
  if (days.length > 0 || monthDays.length > 0 || frequency === "DAILY") return parts;
  if (frequency === "WEEKLY")
    return { ...parts, days: [{ nth: null, day: DAY_CODES[dayOfWeek - 1] ?? "MO" }] };
  const inMonths = frequency === "YEARLY" && months.length === 0 ? [month] : months;
  return { ...parts, months: inMonths, monthDays: [day] };
}

function endOf({ until, count }: RuleEnd, plan: { rule: string; first_day: string; ends_on: string | null }) {
  if (until === undefined && count === undefined) return plan.ends_on;
  if (plan.ends_on !== null)
    throw fault(
      `has ${until === undefined ? "COUNT" : "UNTIL"}, and the plan ends on ${plan.ends_on}; give one of the two`,
      "Send ends_on: null with the rule to let the rule say the end, or leave the end out of the rule.",
    );
  return until ?? lastOfCount(plan, count ?? 1);
}

/** Days that not every month has are left out there, which few people mean. */
function monthEndHint({ frequency, monthDays, months }: RuleParts): string[] {
  const late = monthDays.filter((day) => day >= 29);
  const everywhere = months.length > 0 && months.every((month) => late.every((day) => day <= longest(month)));
  if (late.length === 0 || everywhere || frequency === "DAILY") return [];
  return [
    `Months without day ${late.join(" or ")} have no visit. For the last day of every month, say "last day of the month" (BYMONTHDAY=-1).`,
  ];
}

/** February has 28 days in most years. */
const longest = (month: number): number => Temporal.PlainYearMonth.from({ year: 2026, month }).daysInMonth;

/** For a person: `every other Tuesday at 9:00 AM` */
export function repeatsInWords(rule: string, time: string): string {
  const at = new Date(`2026-01-01T${time}:00Z`);
  return `${ruleInWords(parseRule(rule))} at ${clockTime(at, "UTC")}`;
}

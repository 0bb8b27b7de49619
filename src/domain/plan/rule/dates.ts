import { RRuleTemporal } from "rrule-temporal";
import { Temporal } from "temporal-polyfill";

/** What says on which dates a plan has visits. */
export interface Recurrence {
  rule: string;
  first_day: string;
  ends_on: string | null;
  exceptions: readonly string[];
}

/**
 * The dates from one day to another, both included. The library expands dates only, as midnights in UTC: times of day and
 * daylight saving do not concern it, so no date inside a skipped hour is left out.
 */
export function datesBetween(plan: Recurrence, { from, to }: { from: string; to: string }): string[] {
  const last = plan.ends_on !== null && plan.ends_on < to ? plan.ends_on : to;
  if (last < from || last < plan.first_day) return [];
  const dates = expansionOf(plan).between(midnight(from), midnight(last), true);
  return dates.map((at) => at.toPlainDate().toString()).filter((date) => !plan.exceptions.includes(date));
}

const YEARS_AHEAD = 5;
/** A date is looked for in ever longer spans: most rules have one within days. */
const SPANS = [{ days: 40 }, { days: 400 }, { years: YEARS_AHEAD }] as const;

/** The first date from a day on that is wanted; null where there is none within five years. */
export function firstDate(
  plan: Recurrence,
  from: string,
  isWanted: (date: string) => boolean = () => true,
): string | null {
  const start = from > plan.first_day ? from : plan.first_day;
  for (const span of SPANS) {
    const to = Temporal.PlainDate.from(start).add(span).toString();
    const found = datesBetween(plan, { from: start, to }).find(isWanted);
    if (found !== undefined) return found;
  }
  return null;
}

/** The date of the last of `count` occurrences. */
export function lastOfCount(plan: Pick<Recurrence, "rule" | "first_day">, count: number): string | null {
  const last = expansionOf({ ...plan, rule: `${plan.rule};COUNT=${count}` })
    .all()
    .at(-1);
  return last?.toPlainDate().toString() ?? null;
}

const expansionOf = ({ rule, first_day }: Pick<Recurrence, "rule" | "first_day">): RRuleTemporal =>
  new RRuleTemporal({
    rruleString: `DTSTART;TZID=UTC:${first_day.replaceAll("-", "")}T000000\nRRULE:${rule}`,
    maxIterations: 100_000,
  });

const midnight = (date: string): Date => new Date(`${date}T00:00:00Z`);

/** A date some days later. */
export const addDays = (date: string, days: number): string =>
  Temporal.PlainDate.from(date).add({ days }).toString();

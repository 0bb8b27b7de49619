import { Temporal } from "temporal-polyfill";
import { z } from "zod";

/** One action of the demo business, run with its own clock. */
export interface DemoJob {
  /** Idempotency key. It does not depend on the day, so loading twice adds nothing. */
  key: string;
  /** `contact.create` */
  action: string;
  /** Input of the action; `done` maps the keys of earlier jobs to their results. */
  data(done: ReadonlyMap<string, unknown>): unknown;
  /** The job's `now`. */
  at: Date;
  reasoning?: string;
}

/** Converts days relative to the loading day into local times of the business. */
export interface Calendar {
  today: Temporal.PlainDate;
  zone: string;
}

export interface Customer {
  /** Prefix of the job keys. */
  key: string;
  /** Input of contact.create. */
  contact: Record<string, unknown>;
  /** Inputs of contact.add_address, without the contact; visits use the first one. */
  addresses: readonly Record<string, unknown>[];
  visits?: readonly Visit[];
}

export interface Visit {
  /** Days from today; a negative day is in the past and completed. Undefined: unscheduled. */
  day?: number;
  /** `15:30` */
  time?: string;
  minutes: number;
  lines: readonly { description: string; quantity?: number; unit_price_cents: number }[];
  notes?: string;
}

const BOOKED_DAYS_BEFORE = 7;

const record = z.looseObject({ id: z.string() });

/** Id of the record that an earlier job created. */
export const idOf = (done: ReadonlyMap<string, unknown>, key: string): string =>
  record.parse(done.get(key)).id;

/** Local time `time` (`15:30`) on the day `day` days from today. */
export const localTimeOn = ({ today, zone }: Calendar, day: number, time: string): Temporal.ZonedDateTime =>
  today.add({ days: day }).toZonedDateTime({ timeZone: zone, plainTime: time });
const instant = (at: Temporal.ZonedDateTime): Date => new Date(at.epochMilliseconds);

export const instantOf = (calendar: Calendar, day: number, time: string): Date =>
  instant(localTimeOn(calendar, day, time));

/** Creates the customer and the addresses, then runs each visit from booking to completion. */
export function* jobsOf(customer: Customer, calendar: Calendar): Generator<DemoJob> {
  const { key, contact, addresses, visits = [] } = customer;
  const firstDay = Math.min(0, ...visits.map(({ day = 0 }) => day)) - BOOKED_DAYS_BEFORE - 1;
  const at = instant(localTimeOn(calendar, firstDay, "10:00"));
  yield { key, action: "contact.create", data: () => contact, at };
  for (const [index, address] of addresses.entries()) {
    yield {
      key: `${key}-address-${index + 1}`,
      action: "contact.add_address",
      data: (done) => ({ id: idOf(done, key), ...address }),
      at,
    };
  }
  for (const [index, visit] of visits.entries()) {
    yield* jobsOfVisit(visit, { customer: key, key: `${key}-visit-${index + 1}` }, calendar);
  }
}

/** `customer` and `key` are the keys of the jobs that create the customer and the visit. */
function* jobsOfVisit(
  visit: Visit,
  { customer, key }: { customer: string; key: string },
  calendar: Calendar,
): Generator<DemoJob> {
  const { day, time, minutes, lines, notes } = visit;
  const opened = localTimeOn(calendar, (day ?? 0) - BOOKED_DAYS_BEFORE, "10:00");
  const start = day === undefined || time === undefined ? undefined : localTimeOn(calendar, day, time);
  yield {
    key,
    action: "ticket.create",
    data: (done) => ({
      customer_id: idOf(done, customer),
      address_id: idOf(done, `${customer}-address-1`),
      line_items: lines,
      duration_minutes: minutes,
      notes,
    }),
    at: instant(opened),
  };
  if (!start || day === undefined) return;
  const step = (name: string, at: Temporal.ZonedDateTime, more = {}): DemoJob => ({
    key: `${key}-${name}`,
    action: `ticket.${name}`,
    data: (done) => ({ id: idOf(done, key), ...more }),
    at: instant(at),
  });
  // Today may be a Sunday, and one visit begins when the working day ends.
  yield step("schedule", opened, { window_start: instant(start).toISOString(), outside_hours: true });
  if (day >= 0) return;
  yield step("start", start);
  yield step("complete", start.add({ minutes }));
}

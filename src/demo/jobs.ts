import { Temporal } from "temporal-polyfill";
import { z } from "zod";

/** One action of the demo business, carried out at its own clock. */
export interface DemoJob {
  /** Idempotency key: the same on every day, so that loading twice adds nothing. */
  key: string;
  /** `contact.create` */
  action: string;
  /** What to send; `done` holds the results of the earlier jobs by their keys. */
  data(done: ReadonlyMap<string, unknown>): unknown;
  /** When it happens, for this job. */
  at: Date;
  reasoning?: string;
}

/** Local days and times of the business, seen from the day the demo is loaded. */
export interface Calendar {
  today: Temporal.PlainDate;
  zone: string;
}

export interface Customer {
  /** Part of every key. */
  key: string;
  /** Input of contact.create. */
  contact: Record<string, unknown>;
  /** Inputs of contact.add_address, without the contact; visits go to the first. */
  addresses: readonly Record<string, unknown>[];
  visits?: readonly Visit[];
}

export interface Visit {
  /** Days from today; negative is past: done. Left out: no time yet. */
  day?: number;
  /** `15:30` */
  time?: string;
  minutes: number;
  lines: readonly { description: string; quantity?: number; unit_price_cents: number }[];
  notes?: string;
}

const BOOKED_DAYS_BEFORE = 7;

const record = z.looseObject({ id: z.string() });

/** The id of the record that an earlier job made. */
export const idOf = (done: ReadonlyMap<string, unknown>, key: string): string =>
  record.parse(done.get(key)).id;

/** Local; days from today, negative is past; `time` as `15:30`. */
export const clock = ({ today, zone }: Calendar, day: number, time: string): Temporal.ZonedDateTime =>
  today.add({ days: day }).toZonedDateTime({ timeZone: zone, plainTime: time });
const instant = (at: Temporal.ZonedDateTime): Date => new Date(at.epochMilliseconds);

/** The same as an instant. */
export const instantOf = (calendar: Calendar, day: number, time: string): Date =>
  instant(clock(calendar, day, time));

/** The customer, the addresses, then each visit from the booking to its end. */
export function* jobsOf(customer: Customer, calendar: Calendar): Generator<DemoJob> {
  const { key, contact, addresses, visits = [] } = customer;
  const firstDay = Math.min(0, ...visits.map(({ day = 0 }) => day)) - BOOKED_DAYS_BEFORE - 1;
  const at = instant(clock(calendar, firstDay, "10:00"));
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
    yield* jobsOfVisit(key, `${key}-visit-${index + 1}`, visit, calendar);
  }
}

function* jobsOfVisit(owner: string, key: string, visit: Visit, calendar: Calendar): Generator<DemoJob> {
  const { day, time, minutes, lines, notes } = visit;
  const opened = clock(calendar, (day ?? 0) - BOOKED_DAYS_BEFORE, "10:00");
  const start = day === undefined || time === undefined ? undefined : clock(calendar, day, time);
  yield {
    key,
    action: "ticket.create",
    data: (done) => ({
      customer_id: idOf(done, owner),
      address_id: idOf(done, `${owner}-address-1`),
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
  yield step("schedule", opened, { window_start: instant(start).toISOString() });
  if (day >= 0) return;
  yield step("start", start);
  yield step("complete", start.add({ minutes }));
}

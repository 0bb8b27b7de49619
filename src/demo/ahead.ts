import type { Temporal } from "temporal-polyfill";
import { type Calendar, type DemoJob, idOf, instantOf } from "./jobs.ts";

interface Recurring {
  /** Key of the customer's job. */
  customer: string;
  rule: string;
  time: string;
  /** Key of an offer of the business. */
  service: string;
}

const PLANS: readonly Recurring[] = [
  { customer: "customer-8", rule: "every other Tuesday", time: "09:00", service: "storefront" },
  { customer: "customer-2", rule: "first Monday of every month", time: "13:30", service: "outside" },
  { customer: "customer-5", rule: "every 8 weeks", time: "10:00", service: "inside-outside" },
];

/** Booked as the office does it, with a confirmation that stays in the outbox. */
const APPOINTMENTS = [
  { customer: "customer-3", services: ["Tracks and sills"], time: "08:00-12:00" },
  { customer: "customer-10", services: ["Windows outside only"], time: "12:00-17:00" },
];

/** Plans and confirmed bookings, made yesterday evening. `known`: keys of the customers that are loaded. */
export function* aheadJobs(known: ReadonlySet<string>, calendar: Calendar): Generator<DemoJob> {
  const at = instantOf(calendar, -1, "18:00");
  for (const { customer, service, ...plan } of PLANS.filter((each) => known.has(each.customer)))
    yield {
      key: `plan-${customer}`,
      action: "plan.create",
      data: (done) => ({
        customer_id: idOf(done, customer),
        address_id: idOf(done, `${customer}-address`),
        services: [idOf(done, `service-${service}`)],
        first_day: calendar.today.add({ days: 1 }).toString(),
        ...plan,
      }),
      at,
    };
  const day = workingDayAfter(calendar.today.add({ days: 1 })).toString();
  for (const { customer, services, time } of APPOINTMENTS.filter((each) => known.has(each.customer)))
    yield {
      key: `appointment-${customer}`,
      action: "workflow.schedule_appointment",
      data: (done) => ({
        customer_identifier: idOf(done, customer),
        requested_date: day,
        requested_time: time,
        services,
      }),
      at,
    };
}

/** A free time for the one who waits longest, offered as the demo is loaded, so that the offer holds. */
export function* offerJobs(waiting: string | undefined, calendar: Calendar, now: Date): Generator<DemoJob> {
  if (waiting === undefined) return;
  const daysToTuesday = ((8 - calendar.today.dayOfWeek) % 7) + 1;
  const day = calendar.today.add({ days: daysToTuesday }).toString();
  yield {
    key: "offer",
    action: "waitlist.offer",
    data: (done) => ({ ids: [idOf(done, waiting)], window_start: `${day}T15:30` }),
    at: now,
  };
}

/** Monday to Friday. */
function workingDayAfter(day: Temporal.PlainDate): Temporal.PlainDate {
  const next = day.add({ days: 1 });
  return next.dayOfWeek > 5 ? workingDayAfter(next) : next;
}

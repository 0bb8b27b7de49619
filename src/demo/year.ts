import { Temporal } from "temporal-polyfill";
import { toDate } from "../domain/core/time.ts";
import { aheadJobs } from "./ahead.ts";
import { WEEKS } from "./limits.ts";
import { demoTechnicians, offers } from "./technicians.ts";
import { type Calendar, type DemoJob, idOf, instantOf } from "./jobs.ts";
import { leadJobs } from "./leads.ts";
import { guideMessages } from "./guide-messages.ts";
import { templateJobs, visitMessages } from "./messages.ts";
import { type Person, personAt } from "./people.ts";
import { seeded } from "./random.ts";
import { plannedVisits, type PlannedVisit } from "./visits.ts";

export const CUSTOMERS = 200;
/** Before every other job of the year. */
const FIRST_DAY = -400;
const SEED = 2_026;

const ATTRIBUTES = [
  { key: "window_count", type: "number", description: "Panes to clean" },
  {
    key: "interval",
    type: "select",
    options: ["weekly", "monthly", "every 8 weeks", "twice a year", "once a year"],
    description: "How often they want us",
  },
  { key: "ladder_needed", type: "boolean", description: "Some panes are beyond the pole" },
];

const WAITING = [
  { person: 3, days: ["monday", "tuesday"], times: ["afternoon"], notes: "Any afternoon that falls free." },
  { person: 12, days: [], times: ["morning"], notes: "Could have us at an hour's notice." },
  { person: 31, days: ["thursday", "friday"], times: [], notes: "Party on the weekend after next." },
];

/**
 * One year of the business besides the guide's customers, in time order, with nothing today. With fewer `weeks`, earlier
 * visits are left out, and so are customers who had only such visits.
 */
export function yearJobs(today: Temporal.PlainDate | string, zone: string, weeks = WEEKS): DemoJob[] {
  const calendar = { today: Temporal.PlainDate.from(today), zone };
  const random = seeded(SEED);
  const people = Array.from({ length: CUSTOMERS }, (_, index) => personAt(index, random));
  const since = calendar.today.subtract({ weeks });
  const visits = plannedVisits(people, calendar).filter(
    ({ start }) => Temporal.PlainDate.compare(start.toPlainDate(), since) >= 0,
  );
  const jobs = [
    ...setupJobs(calendar),
    ...peopleJobs(people, visits),
    ...visits.flatMap((visit) => [...visitJobs(visit), ...visitMessages(visit)]),
    ...guideMessages(calendar),
    ...leadJobs(calendar),
    ...(weeks === WEEKS ? waitlistJobs(people, calendar) : []),
  ];
  jobs.push(...aheadJobs(new Set(jobs.map(({ key }) => key)), calendar));
  // The sort is stable: at equal times a record is created before it is used.
  return jobs.sort((one, other) => one.at.getTime() - other.at.getTime());
}

function* setupJobs(calendar: Calendar): Generator<DemoJob> {
  const at = instantOf(calendar, FIRST_DAY, "08:00");
  for (const { key, name, skills, hours } of demoTechnicians) {
    const technician = { name, skills, working_hours: hours };
    yield { key: `crew-${key}`, action: "technician.create", data: () => technician, at };
  }
  for (const { key, service } of offers)
    yield { key: `service-${key}`, action: "service.create", data: () => service, at };
  for (const attribute of ATTRIBUTES) {
    const data = () => ({ entity: "contact", ...attribute });
    yield { key: `attribute-${attribute.key}`, action: "attribute.define", data, at };
  }
  yield* templateJobs(at);
}

/** Creates each customer when their first visit is booked. */
function* peopleJobs(people: readonly Person[], visits: readonly PlannedVisit[]): Generator<DemoJob> {
  const firstBooking = new Map<string, Date>();
  for (const visit of visits) {
    const booked = toDate(visit.booked);
    const { key } = visit.person;
    const earliest = firstBooking.get(key);
    if (!earliest || booked < earliest) firstBooking.set(key, booked);
  }
  for (const { key, contact, address, attributes } of people) {
    const at = firstBooking.get(key);
    if (!at) continue;
    yield { key, action: "contact.create", data: () => contact, at };
    const contactInput = (done: ReadonlyMap<string, unknown>) => ({ id: idOf(done, key) });
    yield {
      key: `${key}-address`,
      action: "contact.add_address",
      data: (done) => ({ ...contactInput(done), ...address }),
      at,
    };
    if (!attributes) continue;
    const data: DemoJob["data"] = (done) => ({ ...contactInput(done), values: attributes });
    yield { key: `${key}-attributes`, action: "attribute.set", data, at };
  }
}

function* visitJobs(visit: PlannedVisit): Generator<DemoJob> {
  const { key, person, member, slot, lines, notes, reason, start, finished, booked } = visit;
  yield {
    key,
    action: "ticket.create",
    data: (done) => ({
      customer_id: idOf(done, person.key),
      address_id: idOf(done, `${person.key}-address`),
      technician_id: idOf(done, `crew-${member.key}`),
      line_items: lines.map(({ offer, ...line }) => ({
        service_id: idOf(done, `service-${offer.key}`),
        ...line,
      })),
      duration_minutes: slot.minutes,
      notes,
      window_start: toDate(start).toISOString(),
    }),
    at: toDate(booked),
  };
  const step = (name: string, at: Temporal.ZonedDateTime, more = {}): DemoJob => ({
    key: `${key}-${name}`,
    action: `ticket.${name}`,
    data: (done) => ({ id: idOf(done, key), ...more }),
    at: toDate(at),
  });
  if (visit.outcome === "completed") {
    yield step("start", start);
    yield step("complete", finished);
  }
  if (visit.outcome === "cancelled") yield step("cancel", start.subtract({ days: 1 }), { reason });
  if (visit.outcome === "no_show") yield step("no_show", start.add({ minutes: 20 }), { reason });
}

function* waitlistJobs(people: readonly Person[], calendar: Calendar): Generator<DemoJob> {
  const until = calendar.today.add({ days: 30 }).toString();
  for (const { person, ...wish } of WAITING) {
    const { key } = people[person] ?? { key: "" };
    yield {
      key: `waitlist-${key}`,
      action: "waitlist.add",
      data: (done) => ({ customer_id: idOf(done, key), ...wish, until }),
      at: instantOf(calendar, -1, "17:30"),
    };
  }
}

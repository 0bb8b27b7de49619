import type { EntityManager } from "typeorm";
import { Address } from "../../entities/address.ts";
import type { Settings } from "../../entities/settings.ts";
import type { Technician } from "../../entities/technician.ts";
import { clearCustomerId } from "../contact/clear-match.ts";
import { notFound } from "../core/errors.ts";
import { addMinutes, inWords } from "../core/time.ts";
import { type BusinessCalendar, dayOf, type TechnicianCalendar, workingSpans } from "../schedule/calendar.ts";
import { freeStarts } from "../schedule/free-starts.ts";
import { type Interval, overlaps } from "../schedule/interval.ts";
import { dateOf } from "../schedule/remembered.ts";
import { whyFull } from "../schedule/obstacle.ts";
import { onePerStart, type RankedSlot, rankSlots, whySlot } from "../schedule/rank-slots.ts";
import { findService } from "../service/find.ts";
import { referenceOf, settingsOf } from "../settings/current.ts";
import { DEFAULT_MINUTES } from "../ticket/fields.ts";
import { listSkills, missingSkills, type RequiredSkill } from "../ticket/required-skills.ts";
import { type Calendars, readCalendars } from "../ticket/technician-calendar.ts";
import { activeTechnicians } from "../ticket/technician-choice.ts";
import { travelTo } from "../ticket/technician-order.ts";
import { type AvailabilityInput, type WantedTimes, wantedTimes } from "./availability-input.ts";

const NEAREST = 3;
const DAYS_FURTHER = 14;
const MOST_REASONS = 10;

export interface AvailableSlot {
  window_start: Date;
  window_end: Date;
  local: string;
  technician: { id: string; name: string };
  why: string;
}

export interface Availability {
  /** The first day that was understood. */
  date: string;
  /** The last day, where it is another. */
  to?: string;
  weekday: string;
  zone: string;
  minutes: number;
  /** The best first. */
  slots: AvailableSlot[];
  /** Where there are none: why. */
  reasons?: string[];
  /** Where there are none: the nearest others. */
  nearest?: AvailableSlot[];
}

interface Search {
  settings: Settings;
  now: Date;
  minutes: number;
  postal_code: string | null;
  technicians: Technician[];
}

/** When somebody could do this work: starts on the slot grid that can be booked, the best first. Changes nothing. */
export async function findAvailability(
  db: EntityManager,
  input: AvailabilityInput,
  now: Date,
): Promise<Availability> {
  const settings = await settingsOf(db);
  const wanted = wantedTimes(input, await referenceOf(db, now));
  const { minutes, required } = await workOf(db, input);
  const active = (await activeTechnicians(db)).filter(
    ({ id }) => input.technician_id === undefined || id === input.technician_id,
  );
  if (input.technician_id && active.length === 0) throw notFound("technician", input.technician_id);
  const technicians = active.filter((each) => missingSkills(each, required).length === 0);
  const search = { settings, now, minutes, technicians, postal_code: await placeOf(db, input, now) };
  const slots = await slotsIn(db, search, wanted);
  const { from, to } = wanted.days;
  const isExact = wanted.exact.length > 0;
  return {
    date: from.toString(),
    ...(!from.equals(to) && { to: to.toString() }),
    weekday: from.toLocaleString("en-US", { weekday: "long" }),
    zone: settings.timezone,
    minutes,
    slots: slots.slice(0, input.limit).map((slot) => shownSlot(slot, { zone: settings.timezone, isExact })),
    ...(slots.length === 0 && {
      reasons: await reasonsFor(db, { search, active, required }, wanted),
      nearest: await nearestTo(db, search, wanted),
    }),
  };
}

/** How long the work takes, and the skills that it needs. */
async function workOf(
  db: EntityManager,
  { services, skill, duration_minutes }: AvailabilityInput,
): Promise<{ minutes: number; required: RequiredSkill[] }> {
  const required: RequiredSkill[] = skill ? [{ skill, service: "this visit" }] : [];
  let sum = 0;
  for (const [index, named] of services.entries()) {
    const service = await findService(db, named, {
      path: `services.${index}`,
      instead: "leave services out and give duration_minutes",
    });
    sum += service.duration_minutes ?? 0;
    if (service.required_skill) required.push({ skill: service.required_skill, service: service.name });
  }
  return { minutes: duration_minutes ?? (sum || DEFAULT_MINUTES), required };
}

async function placeOf(
  db: EntityManager,
  { postal_code, customer_identifier: identifier }: AvailabilityInput,
  now: Date,
): Promise<string | null> {
  if (postal_code !== undefined || identifier === undefined) return postal_code ?? null;
  const id = await clearCustomerId(db, { identifier, path: "customer_identifier", now });
  const order = { kind: "DESC", created_at: "ASC" } as const; // A service address before one for bills.
  const [address] = await db.find(Address, { where: { contact_id: id }, order, take: 1 });
  return address?.postal_code ?? null;
}

async function slotsIn(
  db: EntityManager,
  search: Search,
  { starts, exact }: Pick<WantedTimes, "starts" | "exact">,
): Promise<RankedSlot[]> {
  const [first, last] = [starts[0], starts.at(-1)];
  if (!first || !last || search.technicians.length === 0) return [];
  const { business, technicians } = await calendarsFor(db, search, { from: first.from, to: last.to });
  const found = starts.flatMap((within) => {
    const day = dayOf(within.from, business.zone);
    const aim = exact.find((at) => day.from <= at && at < day.to);
    return technicians.flatMap((calendar) => {
      const busy = calendar.busy.filter((each) => overlaps(each, day));
      return slotsOn({ ...calendar, busy }, business, { search, within, aim });
    });
  });
  return onePerStart(rankSlots(found));
}

const shownSlot = (slot: RankedSlot, { zone, isExact }: Shown): AvailableSlot => ({
  window_start: slot.start,
  window_end: slot.end,
  local: inWords(slot.start, zone),
  technician: { id: slot.technician.id, name: slot.technician.name },
  why: whySlot(slot, isExact),
});

interface Shown {
  zone: string;
  isExact: boolean;
}

function calendarsFor(db: EntityManager, search: Search, { from, to }: Interval): Promise<Calendars> {
  const { technicians, settings, minutes } = search;
  const reach = { from, to: addMinutes(to, minutes + settings.travel_buffer_minutes) };
  return readCalendars(db, { technicians, settings }, reach);
}

/** The slots of one technician on one local day; `calendar.busy` has the visits of that day. */
function slotsOn(
  calendar: TechnicianCalendar,
  business: BusinessCalendar,
  { search, within, aim }: { search: Search; within: Interval; aim: Date | undefined },
): RankedSlot[] {
  const { settings, minutes, now, postal_code } = search;
  const { travel_buffer_minutes: bufferMinutes, slot_minutes: stepMinutes } = settings;
  const soonest = addMinutes(now, settings.min_notice_minutes);
  const starts = freeStarts(calendar, business, { within, minutes, bufferMinutes, stepMinutes });
  const spans = workingSpans(calendar, dateOf(within.from, business.zone), business.zone);
  const begins = new Set([...calendar.busy.map(({ to }) => +to), ...spans.map(({ from }) => +from)]);
  const [visits, closes] = [
    new Set(calendar.busy.map(({ from }) => +from)),
    new Set(spans.map(({ to }) => +to)),
  ];
  return starts
    .filter((start) => start >= soonest)
    .map((start) => {
      const end = addMinutes(start, minutes);
      const meetsNext = visits.has(+addMinutes(end, bufferMinutes)) || closes.has(+end);
      return {
        technician: calendar.technician,
        start,
        end,
        off: aim ? Math.abs(+aim - +start) : 0,
        gaps: (begins.has(+start) ? 0 : 1) + (meetsNext ? 0 : 1),
        way: travelTo(calendar.busy, { from: start, to: end }, postal_code),
      };
    });
}

interface Reasons {
  search: Search;
  active: readonly Technician[];
  required: readonly RequiredSkill[];
}

/** One sentence for each technician who could not be booked. */
async function reasonsFor(
  db: EntityManager,
  { search, active, required }: Reasons,
  { starts }: WantedTimes,
): Promise<string[]> {
  if (active.length === 0) return ["There are no active technicians."];
  const [first] = starts;
  if (!first) return ["That time is over."];
  const lacking = active.flatMap((each) => {
    const missing = missingSkills(each, required);
    return missing.length > 0 ? [`${each.name} lacks ${listSkills(missing)}.`] : [];
  });
  const { business, technicians } = await calendarsFor(db, search, first);
  const wanted = { within: first, minutes: search.minutes };
  const unavailable = technicians.map((calendar) => `${whyFull(calendar, business, wanted).message}.`);
  return [...new Set([...unavailable, ...lacking])].slice(0, MOST_REASONS);
}

/** The free starts closest to what was wanted, on these days and those after. */
async function nearestTo(db: EntityManager, search: Search, wanted: WantedTimes): Promise<AvailableSlot[]> {
  const { now } = search;
  const zone = search.settings.timezone;
  const { from, to } = wanted.days;
  const starts: Interval[] = [];
  for (let day = from; day.until(to).total("days") >= -DAYS_FURTHER; day = day.add({ days: 1 })) {
    const bounds = dayOf(new Date(day.toZonedDateTime(zone).epochMilliseconds), zone);
    if (bounds.to > now) starts.push({ from: bounds.from > now ? bounds.from : now, to: bounds.to });
  }
  const aim = +(wanted.exact[0] ?? wanted.starts[0]?.from ?? now);
  const slots = await slotsIn(db, search, { starts, exact: [] });
  return slots
    .sort((a, b) => Math.abs(+a.start - aim) - Math.abs(+b.start - aim))
    .slice(0, NEAREST)
    .map((slot) => shownSlot(slot, { zone, isExact: false }));
}

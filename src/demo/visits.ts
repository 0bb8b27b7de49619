import { Temporal } from "temporal-polyfill";
import { WEEKDAYS } from "../domain/core/time.ts";
import { demoTechnicians, type DemoTechnician, type Offer, offers, type Slot } from "./technicians.ts";
import type { Calendar } from "./jobs.ts";
import type { Person } from "./people.ts";
import * as samples from "./sample-data.ts";
import { type Random, seeded } from "./random.ts";

export interface PlannedVisit {
  key: string;
  person: Person;
  member: DemoTechnician;
  /** Working days of the technician from today; negative is past. Never 0: today belongs to the guide. */
  number: number;
  start: Temporal.ZonedDateTime;
  /** End of the visit if it takes place. */
  finished: Temporal.ZonedDateTime;
  booked: Temporal.ZonedDateTime;
  slot: Slot;
  lines: { offer: Offer; quantity: number; discount_cents?: number }[];
  notes?: string;
  outcome: "completed" | "cancelled" | "no_show" | "booked";
  /** Reason if it was cancelled or a no-show. */
  reason?: string;
  /** Seed for the messages about the visit. */
  seed: number;
}

const PAST_DAYS = 250;
const COMING_DAYS = 20;
/** Share of a technician's slots that are booked; in future weeks it decreases with the distance. */
const SHARE_FILLED = 0.62;
const SEED = 20_261;
const BOOKED_DAYS_BEFORE = 9;

/**
 * All visits of the technicians in the past year and the coming weeks, by technician and day. The same slots are filled
 * regardless of `today`.
 */
export function plannedVisits(people: readonly Person[], calendar: Calendar): PlannedVisit[] {
  return demoTechnicians.flatMap((member, at) => {
    const theirs = people.filter((_, index) => index % demoTechnicians.length === at);
    return visitsOf(member, theirs, { calendar, random: seeded(SEED + at) });
  });
}

function visitsOf(
  member: DemoTechnician,
  people: readonly Person[],
  { calendar, random }: { calendar: Calendar; random: Random },
): PlannedVisit[] {
  const { today } = calendar;
  let turn = 0;
  const days = [...workingDays(member, today, -PAST_DAYS), ...workingDays(member, today, COMING_DAYS)];
  return days.flatMap(({ number, day }) => {
    const filled = number > 0 ? SHARE_FILLED * (1 - number / (COMING_DAYS * 1.5)) : SHARE_FILLED;
    const known = Math.ceil(people.length * (number < 0 ? 1 + number / (PAST_DAYS * 2) : 1));
    return member.slots.flatMap((slot, at) => {
      const taken = random.chance(filled);
      const person = people[turn % known];
      const visit = planVisit(member, { slot, company: person?.company ?? false }, random);
      if (!taken || !person) return [];
      turn++;
      const past = number < 0 ? visit : { ...visit, outcome: "booked" as const, reason: undefined };
      const times = timesOf(day, slot, calendar);
      return [
        { key: `visit-${member.key}-${number}-${at + 1}`, number, person, member, slot, ...times, ...past },
      ];
    });
  });
}

/** The next `count` working days of a technician, or the last ones if `count` is negative, in calendar order. */
function workingDays(
  { hours }: DemoTechnician,
  today: Temporal.PlainDate,
  count: number,
): { number: number; day: Temporal.PlainDate }[] {
  const step = Math.sign(count);
  const found: { number: number; day: Temporal.PlainDate }[] = [];
  for (let day = today.add({ days: step }); found.length < Math.abs(count); day = day.add({ days: step })) {
    const weekday = WEEKDAYS[day.dayOfWeek - 1];
    if (weekday && hours[weekday]) found.push({ number: step * (found.length + 1), day });
  }
  return step < 0 ? found.reverse() : found;
}

function timesOf(day: Temporal.PlainDate, { time, minutes }: Slot, { today, zone: timeZone }: Calendar) {
  const start = day.toZonedDateTime({ timeZone, plainTime: time });
  const usual = day.subtract({ days: BOOKED_DAYS_BEFORE });
  const yesterday = today.subtract({ days: 1 });
  const booking = Temporal.PlainDate.compare(usual, yesterday) < 0 ? usual : yesterday;
  return {
    start,
    finished: start.add({ minutes }),
    booked: booking.toZonedDateTime({ timeZone, plainTime: "10:30" }),
  };
}

interface SlotContext {
  slot: Slot;
  company: boolean;
}

function planVisit(
  member: DemoTechnician,
  place: SlotContext,
  random: Random,
): Pick<PlannedVisit, "lines" | "notes" | "outcome" | "reason" | "seed"> {
  const luck = random.next();
  const outcome = luck < 0.91 ? "completed" : luck < 0.97 ? "cancelled" : "no_show";
  const reasons = { cancelled: samples.CANCEL_REASONS, no_show: samples.NO_SHOW_REASONS };
  const noted = random.chance(0.25);
  const note = random.pick(samples.VISIT_NOTES);
  const reason = outcome === "completed" ? undefined : random.pick(reasons[outcome]);
  const lines = linesOf(member, place, random);
  return {
    lines,
    notes: noted ? note : undefined,
    outcome,
    reason,
    seed: random.between(1, 2 ** 31),
  };
}

/** Offers that fit the technician's skills, the slot and the kind of customer; some with a 10 % discount. */
function linesOf(
  { skills }: DemoTechnician,
  { slot, company }: SlotContext,
  random: Random,
): PlannedVisit["lines"] {
  const fitting = offers.filter(
    ({ companies, service: { required_skill: skill, duration_minutes } }) =>
      (!skill || skills.includes(skill)) && duration_minutes <= slot.minutes && (company || !companies),
  );
  const chosen = new Set([random.pick(fitting), ...(random.chance(0.35) ? [random.pick(fitting)] : [])]);
  return [...chosen].map((offer) => {
    const quantity = random.between(...offer.usual);
    const discount_cents =
      random.chance(0.12) && Math.floor((quantity * offer.service.unit_price_cents) / 10);
    return { offer, quantity, ...(discount_cents && { discount_cents }) };
  });
}

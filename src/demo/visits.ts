import { Temporal } from "temporal-polyfill";
import { WEEKDAYS } from "../domain/core/time.ts";
import { crew, type CrewMember, type Offer, offers, type Slot } from "./crew.ts";
import type { Calendar } from "./jobs.ts";
import type { Person } from "./people.ts";
import * as say from "./phrases.ts";
import { type Random, seeded } from "./random.ts";

export interface PlannedVisit {
  key: string;
  person: Person;
  member: CrewMember;
  /** Of the technician's working days, from today; negative is past. Never 0: that day is the guide's. */
  number: number;
  start: Temporal.ZonedDateTime;
  /** When it is over, if it takes place. */
  finished: Temporal.ZonedDateTime;
  booked: Temporal.ZonedDateTime;
  slot: Slot;
  lines: { offer: Offer; quantity: number; discount_cents?: number }[];
  notes?: string;
  end: "completed" | "cancelled" | "no_show" | "booked";
  /** Why it did not take place. */
  reason?: string;
  /** For what else is up to chance. */
  seed: number;
}

const PAST_DAYS = 250;
const COMING_DAYS = 20;
/** Of a technician's slots; the weeks that come fill up as they come near. */
const FILLED = 0.62;
const SEED = 20_261;
const BOOKED_DAYS_BEFORE = 9;

/**
 * Everything that the crew does in a year of working days and has booked for the next weeks, by technician and day. The
 * same slots are filled whatever day `today` is.
 */
export function plannedVisits(people: readonly Person[], calendar: Calendar): PlannedVisit[] {
  return crew.flatMap((member, at) => {
    const theirs = people.filter((_, index) => index % crew.length === at);
    return visitsOf(member, theirs, calendar, seeded(SEED + at));
  });
}

function visitsOf(
  member: CrewMember,
  people: readonly Person[],
  calendar: Calendar,
  random: Random,
): PlannedVisit[] {
  const { today } = calendar;
  let turn = 0;
  const days = [...workingDays(member, today, -PAST_DAYS), ...workingDays(member, today, COMING_DAYS)];
  return days.flatMap(({ number, day }) => {
    const filled = number > 0 ? FILLED * (1 - number / (COMING_DAYS * 1.5)) : FILLED;
    const known = Math.ceil(people.length * (number < 0 ? 1 + number / (PAST_DAYS * 2) : 1));
    return member.slots.flatMap((slot, at) => {
      const taken = random.chance(filled);
      const person = people[turn % known];
      const visit = planOf(member, { slot, company: person?.company ?? false }, random);
      if (!taken || !person) return [];
      turn++;
      const past = number < 0 ? visit : { ...visit, end: "booked" as const, reason: undefined };
      const times = timesOf(day, slot, calendar);
      return [
        { key: `visit-${member.key}-${number}-${at + 1}`, number, person, member, slot, ...times, ...past },
      ];
    });
  });
}

/** Up to the `count`-th working day of a technician from today on, or backwards, in the order of the calendar. */
function workingDays(
  { hours }: CrewMember,
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

interface Place {
  slot: Slot;
  company: boolean;
}

function planOf(
  member: CrewMember,
  place: Place,
  random: Random,
): Pick<PlannedVisit, "lines" | "notes" | "end" | "reason" | "seed"> {
  const luck = random.next();
  const end = luck < 0.91 ? "completed" : luck < 0.97 ? "cancelled" : "no_show";
  const reasons = { cancelled: say.CANCEL_REASONS, no_show: say.NO_SHOW_REASONS };
  const noted = random.chance(0.25);
  const note = random.pick(say.VISIT_NOTES);
  const reason = end === "completed" ? undefined : random.pick(reasons[end]);
  const lines = linesOf(member, place, random);
  return { lines, notes: noted ? note : undefined, end, reason, seed: random.between(1, 2 ** 31) };
}

/** What the technician can do, the time allows and the place has; now and then a tenth off. */
function linesOf({ skills }: CrewMember, { slot, company }: Place, random: Random): PlannedVisit["lines"] {
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

import type { EntityManager } from "typeorm";
import type { Address } from "../../entities/address.ts";
import type { Settings } from "../../entities/settings.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { conflict, type CrmError, validationFailed } from "../core/errors.ts";
import { addMinutes, inWords } from "../core/time.ts";
import { isWholeDay, type Wish, wishInWords, wishOf } from "../core/wish.ts";
import { whyFull } from "../schedule/obstacle.ts";
import { alternativesFrom, hintFor, reasonOf } from "../ticket/alternatives.ts";
import { type FreeSlot, findSlots } from "../ticket/slots.ts";
import { readCalendars } from "../ticket/technician-calendar.ts";
import { lockCandidatesFor } from "../ticket/technician-choice.ts";

interface Wanted {
  ticket: Ticket;
  address: Address | null;
  settings: Settings;
  now: Date;
  wish: Wish;
  /** Of the day in the request: `data.new_date`. */
  path: string;
  /** Nobody else. */
  technician_id?: string | undefined;
  /** Before all others, where they are free. */
  preferred?: string | null;
  /** The time of day that is wanted most, where the wish leaves it open. */
  closestTo?: Date | undefined;
  outsideHours: boolean;
}

export interface Choice {
  start: Date;
  /** Undefined: the booking chooses. */
  technician_id?: string | undefined;
}

/** The wish of a day and a time, each in a field of its own. Throws where both name a time. */
export function readWish(
  asked: { day: string; time?: string | undefined },
  [day, time]: readonly [string, string],
  zone: string,
): Wish {
  const named = asked.day.split(" ")[1];
  if (named === undefined || asked.time === undefined || named === asked.time) return wishOf(asked, zone);
  throw validationFailed([
    {
      path: `data.${day}`,
      message: `names a time (${named}), and ${time} another (${asked.time}); give one`,
    },
  ]);
}

/**
 * The time and the technician for a wish. An exact time is taken or refused. A range is a wish for the start: the first
 * one at which the whole visit lies inside, or else the first one inside; never outside. Throws `conflict` with reasons
 * and alternatives.
 */
export async function chooseTime(db: EntityManager, wanted: Wanted): Promise<Choice> {
  const { wish, now, settings } = wanted;
  if (wish.to < now || (wish.exact && wish.exact < now)) throw isPast(wanted);
  if (wish.exact) return { start: wish.exact, technician_id: wanted.technician_id };
  // Locked, so that nobody takes the time between the choice and the booking.
  const candidates = await lockCandidatesFor(db, wanted.ticket, wanted.technician_id ?? null);
  const soonest = addMinutes(now, settings.min_notice_minutes);
  const within = { from: wish.from > soonest ? wish.from : soonest, to: wish.to };
  const { ticket } = wanted;
  const postal_code = wanted.address?.postal_code ?? null;
  const search = { candidates, settings, within, minutes: ticket.duration_minutes, ticket, postal_code };
  // Outside hours only where nothing is free within them, and never at just any time of the day.
  const attempts = wanted.outsideHours && !isWholeDay(wish, settings.timezone) ? [false, true] : [false];
  for (const outsideHours of attempts) {
    const chosen = best(await findSlots(db, { ...search, outsideHours }), wanted);
    if (chosen) return chosen;
  }
  throw await nothingFree(db, wanted, candidates);
}

/** The preferred technician where they are free at any time of the wish, then the earliest or closest start. */
function best(slots: readonly FreeSlot[], { wish, preferred, closestTo }: Wanted): Choice | undefined {
  const offered = (slot: FreeSlot) => slot.technicians.some(({ id }) => id === preferred);
  const ofPreferred = preferred ? slots.filter(offered) : [];
  const choices = ofPreferred.length > 0 ? ofPreferred : slots;
  const inside = choices.filter(({ end }) => end <= wish.to);
  const considered = closestTo || inside.length === 0 ? choices : inside;
  const [slot] = closestTo
    ? [...considered].sort((a, b) => distance(a, closestTo) - distance(b, closestTo))
    : considered;
  const technician = slot && (slot.technicians.find(({ id }) => id === preferred) ?? slot.technicians[0]);
  return slot && technician && { start: slot.start, technician_id: technician.id };
}

const distance = ({ start }: FreeSlot, to: Date): number => Math.abs(start.getTime() - to.getTime());

function isPast({ wish, path, now, settings: { timezone: zone } }: Wanted): CrmError {
  return validationFailed(
    [{ path, message: `is past: ${wishInWords(wish, zone)}` }],
    `It is now ${inWords(now, zone)} (${zone}). Give a later day or time.`,
  );
}

async function nothingFree(
  db: EntityManager,
  { ticket, settings, now, wish, outsideHours }: Wanted,
  candidates: Awaited<ReturnType<typeof lockCandidatesFor>>,
): Promise<CrmError> {
  const { duration_minutes: minutes } = ticket;
  const { timezone: zone } = settings;
  const { business, technicians } = await readCalendars(db, { technicians: candidates, settings }, wish);
  const reasons = technicians.map((calendar) => whyFull(calendar, business, { within: wish, minutes }));
  const earliest = { earliest: wish.from, minutes };
  const alternatives = await alternativesFrom(db, { ticket, candidates, settings, now }, earliest);
  const insist = `To insist on a time outside of working hours, give an exact one${outsideHours ? "" : " and outside_hours: true"}.`;
  return conflict(
    `Nobody has ${minutes} minutes free on ${wishInWords(wish, zone)}. ${reasonOf(reasons)}`,
    hintFor(reasons, alternatives, insist),
    { alternatives },
  );
}

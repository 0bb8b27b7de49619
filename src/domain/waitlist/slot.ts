import type { EntityManager } from "typeorm";
import { Address } from "../../entities/address.ts";
import type { Settings } from "../../entities/settings.ts";
import { Technician } from "../../entities/technician.ts";
import type { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { conflict } from "../core/errors.ts";
import { readById } from "../core/records.ts";
import { addMinutes, inWords } from "../core/time.ts";
import { dayOf, type TechnicianCalendar } from "../schedule/calendar.ts";
import { whyUnavailable } from "../schedule/obstacle.ts";
import { readCalendars } from "../ticket/technician-calendar.ts";
import { lockCandidates } from "../ticket/technician-choice.ts";
import { missingSkills } from "../ticket/required-skills.ts";
import { inOrder, lastTechnicianAt } from "../ticket/technician-order.ts";
import type { Work } from "./work.ts";

/** A free time that is offered to people who wait. */
export interface Slot {
  start: Date;
  settings: Settings;
  /** Undefined: everybody who has the skills is looked at. */
  technician_id: string | undefined;
  outsideHours: boolean;
}

/** The technicians who could do the work at that time, in the order in which they are chosen. They stay locked. */
async function whoCould(
  db: EntityManager,
  { ticket_id, customer_id, address_id }: WaitlistEntry,
  { slot, work }: { slot: Slot; work: Work },
): Promise<{ free: TechnicianCalendar["technician"][]; obstacles: string[] }> {
  const { start, settings, outsideHours } = slot;
  const candidates = await lockCandidates(db, slot.technician_id ?? null, work.required);
  const window = { from: start, to: addMinutes(start, work.minutes) };
  const bufferMinutes = settings.travel_buffer_minutes;
  const read = { technicians: candidates, settings, ...(ticket_id && { except: ticket_id }) };
  const reach = { from: start, to: addMinutes(window.to, bufferMinutes) };
  const { business, technicians } = await readCalendars(db, read, reach);
  const checked = technicians.map((calendar) => ({
    calendar,
    obstacle: whyUnavailable(calendar, business, { window, bufferMinutes, outsideHours }),
  }));
  const address = address_id ? await readById(db, Address, { id: address_id }) : undefined;
  const free = inOrder(
    checked.filter(({ obstacle }) => obstacle === null).map(({ calendar }) => calendar),
    {
      window,
      day: dayOf(start, settings.timezone),
      postal_code: address?.postal_code ?? null,
      last: await lastTechnicianAt(db, { customer_id, rescheduled_from_id: ticket_id }),
    },
  );
  return {
    free: free.map(({ technician }) => technician),
    obstacles: checked.flatMap(({ obstacle }) => (obstacle ? [obstacle.message] : [])),
  };
}

const MOST_REASONS = 3;

/** The technician who could do the work of each entry at that time. Throws `conflict` where there is nobody. */
export async function technicianFor(
  db: EntityManager,
  slot: Slot,
  waiting: readonly { entry: WaitlistEntry; work: Work }[],
): Promise<TechnicianCalendar["technician"]> {
  const found: Awaited<ReturnType<typeof whoCould>>[] = [];
  for (const { entry, work } of waiting) found.push(await whoCould(db, entry, { slot, work }));
  const [first, ...others] = found;
  const technician = first?.free.find(({ id }) =>
    others.every(({ free }) => free.some((each) => each.id === id)),
  );
  if (technician) return technician;
  const reasons = [...new Set(found.flatMap(({ obstacles }) => obstacles))].slice(0, MOST_REASONS);
  const at = inWords(slot.start, slot.settings.timezone);
  throw conflict(
    `Nobody is free for this on ${at}. ${reasons.map((reason) => `${reason}.`).join(" ")}`.trim(),
    "Look for a free time with find_availability. For a time outside of working hours, give outside_hours: true.",
  );
}

/** Whether the technician could still do the work at the offered time. */
export async function isStillFree(
  db: EntityManager,
  entry: WaitlistEntry,
  { settings, work }: { settings: Settings; work: Work },
): Promise<boolean> {
  const { offered_start, offered_technician_id } = entry;
  if (!offered_start || !offered_technician_id) return false;
  const technician = await readById(db, Technician, { id: offered_technician_id });
  if (!technician?.active || missingSkills(technician, work.required).length > 0) return false;
  const outsideHours = entry.offered_outside_hours;
  const slot = { start: offered_start, settings, technician_id: offered_technician_id, outsideHours };
  const { free } = await whoCould(db, entry, { slot, work });
  return free.length > 0;
}

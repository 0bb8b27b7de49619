import type { EntityManager } from "typeorm";
import type { Settings } from "../../entities/settings.ts";
import type { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { addMinutes } from "../core/time.ts";
import { dayOf, type TechnicianCalendar } from "../schedule/calendar.ts";
import { freeStarts } from "../schedule/free-starts.ts";
import type { Interval } from "../schedule/interval.ts";
import { readCalendars } from "./technician-calendar.ts";
import { inOrder, lastTechnicianAt } from "./technician-order.ts";

export interface SlotSearch {
  candidates: readonly Technician[];
  settings: Settings;
  /** The visit starts in this interval, which is on one local day. */
  within: Interval;
  minutes: number;
  outsideHours: boolean;
  /** It does not block itself. */
  ticket: Ticket;
  postal_code: string | null;
}

/** A start at which at least one candidate is free. */
export interface FreeSlot {
  start: Date;
  end: Date;
  /** Those who are free, in the order in which they are chosen. */
  technicians: TechnicianCalendar["technician"][];
}

/** The starts in the interval at which a candidate is free, in time order. */
export async function findSlots(db: EntityManager, search: SlotSearch): Promise<FreeSlot[]> {
  const { candidates, settings, within, minutes, outsideHours, ticket, postal_code } = search;
  const bufferMinutes = settings.travel_buffer_minutes;
  const reach = { from: within.from, to: addMinutes(within.to, minutes + bufferMinutes) };
  const read = { technicians: candidates, settings, except: ticket.id };
  const { business, technicians } = await readCalendars(db, read, reach);
  const wanted = { within, minutes, bufferMinutes, stepMinutes: settings.slot_minutes, outsideHours };
  const free = new Map<number, TechnicianCalendar[]>();
  for (const calendar of technicians) {
    for (const start of freeStarts(calendar, business, wanted)) {
      const at = start.getTime();
      free.set(at, [...(free.get(at) ?? []), calendar]);
    }
  }
  const last = await lastTechnicianAt(db, ticket);
  const day = dayOf(within.from, business.zone);
  return [...free]
    .sort(([one], [other]) => one - other)
    .map(([at, calendars]) => {
      const window = { from: new Date(at), to: addMinutes(new Date(at), minutes) };
      const ordered = inOrder(calendars, { window, day, postal_code, last });
      return { start: window.from, end: window.to, technicians: ordered.map(({ technician }) => technician) };
    });
}

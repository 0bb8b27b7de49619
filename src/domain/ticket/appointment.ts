import type { EntityManager } from "typeorm";
import { Address } from "../../entities/address.ts";
import type { Settings } from "../../entities/settings.ts";
import type { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { readById } from "../core/records.ts";
import { addMinutes } from "../core/time.ts";
import type { AppointmentWindow } from "../schedule/appointment-window.ts";
import { dayOf, type TechnicianCalendar } from "../schedule/calendar.ts";
import type { Interval } from "../schedule/interval.ts";
import { type Unavailable, whyUnavailable } from "../schedule/obstacle.ts";
import { unavailable } from "./alternatives.ts";
import { readCalendars } from "./technician-calendar.ts";
import { lockCandidatesFor } from "./technician-choice.ts";
import { inOrder, lastTechnicianAt } from "./technician-order.ts";

interface RequestedAppointment extends AppointmentWindow {
  /** Default: the visit's own technician, or the best of those who have the required skills and the time. Null: the best. */
  technician_id?: string | null | undefined;
  /** Insists on a time outside working hours or on a holiday. */
  outside_hours?: boolean | undefined;
}

interface Booking {
  ticket: Ticket;
  settings: Settings;
  now: Date;
}

type Booked = Pick<
  Ticket,
  "technician_id" | "window_start" | "window_end" | "during" | "duration_minutes" | "outside_hours"
> &
  Partial<Pick<Ticket, "confirmed_at" | "change_requested_at">>;

/** Why nobody who may be booked is available. */
interface NotBooked {
  candidates: readonly Technician[];
  obstacles: readonly Unavailable[];
}

/** Returns the columns of the booked visit; throws `conflict` with free starts if nobody who may be booked is available. */
export async function bookAppointment(
  db: EntityManager,
  booking: Booking,
  requested: RequestedAppointment,
): Promise<Booked> {
  const found = await findAppointment(db, booking, requested);
  if ("technician_id" in found) return found;
  const { from, minutes } = requested;
  throw await unavailable(db, { ...booking, ...found }, { from, minutes });
}

/**
 * Every booking goes through here. Returns the columns of the booked visit, or why nobody who may be booked is available.
 * Throws where there is nobody who may be booked.
 */
export async function findAppointment(
  db: EntityManager,
  booking: Booking,
  requested: RequestedAppointment,
): Promise<Booked | NotBooked> {
  const { ticket, settings } = booking;
  const { from, to, minutes, technician_id, outside_hours = false } = requested;
  // Locked: otherwise another booking could take the time after this check.
  const candidates = await lockCandidatesFor(db, ticket, technician_id);
  const window = { from, to };
  const wanted = { window, bufferMinutes: settings.travel_buffer_minutes, outsideHours: outside_hours };
  const read = { technicians: candidates, settings, except: ticket.id };
  const busyUntil = addMinutes(to, settings.travel_buffer_minutes);
  const { business, technicians } = await readCalendars(db, read, { from, to: busyUntil });
  const kept = isKept(ticket, requested);
  const checked = technicians.map((calendar) => ({
    calendar,
    obstacle: kept ? null : whyUnavailable(calendar, business, wanted),
  }));
  const free = checked.filter(({ obstacle }) => obstacle === null).map(({ calendar }) => calendar);
  const calendar = await choose(db, free, { booking, window });
  if (!calendar) return { candidates, obstacles: checked.flatMap(({ obstacle }) => obstacle ?? []) };
  return {
    technician_id: calendar.technician.id,
    window_start: from,
    window_end: to,
    during: `[${from.toISOString()},${busyUntil.toISOString()})`,
    duration_minutes: minutes,
    outside_hours: (outside_hours || (kept && ticket.outside_hours)) && isOutside(calendar, business, wanted),
    // The customer has said something about another time than this one.
    ...(ticket.window_start?.getTime() !== from.getTime() && {
      confirmed_at: null,
      change_requested_at: null,
    }),
  };
}

/** Whether a booked visit stays within its time and with its technician: what was entered since does not refuse that. */
const isKept = ({ status, ...ticket }: Ticket, { from, to, technician_id }: RequestedAppointment): boolean =>
  (status === "scheduled" || status === "in_progress") &&
  (technician_id === undefined || technician_id === ticket.technician_id) &&
  ticket.window_start !== null &&
  ticket.window_end !== null &&
  ticket.window_start <= from &&
  to <= ticket.window_end;

/** Whether somebody had to insist on the time. */
const isOutside = (...[calendar, business, wanted]: Parameters<typeof whyUnavailable>): boolean =>
  whyUnavailable(calendar, business, { ...wanted, outsideHours: false }) !== null;

async function choose(
  db: EntityManager,
  free: readonly TechnicianCalendar[],
  { booking: { ticket, settings }, window }: { booking: Booking; window: Interval },
): Promise<TechnicianCalendar | undefined> {
  if (free.length < 2) return free[0];
  const address = ticket.address_id ? await readById(db, Address, { id: ticket.address_id }) : undefined;
  const [best] = inOrder(free, {
    window,
    day: dayOf(window.from, settings.timezone),
    postal_code: address?.postal_code ?? null,
    last: await lastTechnicianAt(db, ticket),
  });
  return best;
}

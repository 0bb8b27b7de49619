import { Temporal } from "temporal-polyfill";
import type { EntityManager } from "typeorm";
import type { Technician } from "../../entities/technician.ts";
import type { Settings } from "../../entities/settings.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { conflict } from "../core/errors.ts";
import { addMinutes, inWords } from "../core/time.ts";
import type { AppointmentWindow } from "../schedule/appointment-window.ts";
import { findFreeStarts, searchInterval } from "../schedule/availability.ts";
import type { Interval } from "../schedule/interval.ts";
import { readBusyTimes, readDaysOff } from "./technician-calendar.ts";
import { lockTechnicianFor } from "./technician-choice.ts";

interface RequestedAppointment extends AppointmentWindow {
  /** Default: the visit's own technician, or the only one who has the required skills. */
  technician_id?: string | undefined;
}

interface Booking {
  technician: Technician;
  settings: Settings;
  ticket: Ticket;
}

/**
 * Every booking goes through here. Returns the columns of the booked visit; throws `conflict` with free starts if the
 * technician is not available.
 */
export async function bookAppointment(
  db: EntityManager,
  { ticket, settings }: { ticket: Ticket; settings: Settings },
  { from, to, minutes, technician_id }: RequestedAppointment,
): Promise<Pick<Ticket, "technician_id" | "window_start" | "window_end" | "during" | "duration_minutes">> {
  const technician = await lockTechnicianFor(db, ticket, technician_id);
  const during = { from, to: addMinutes(to, settings.travel_buffer_minutes) };
  const reason = await whyUnavailable(db, { technician, settings, ticket }, during);
  if (reason) throw await unavailable(db, { technician, settings, ticket }, { reason, from, minutes });
  return {
    technician_id: technician.id,
    window_start: from,
    window_end: to,
    during: `[${during.from.toISOString()},${during.to.toISOString()})`,
    duration_minutes: minutes,
  };
}

/** The technician's row must be locked, otherwise another booking could take the time after this check. */
async function whyUnavailable(db: EntityManager, booking: Booking, during: Interval): Promise<string | null> {
  const { technician, settings, ticket } = booking;
  const [dayOff] = await readDaysOff(db, booking, during);
  if (dayOff) return `Nobody can be booked on ${formatDay(dayOff[0])}: ${dayOff[1]}.`;
  const [taken] = await readBusyTimes(db, technician.id, { ...during, except: ticket.id });
  if (!taken) return null;
  const [from, to] = [taken.from, taken.to].map((at) => inWords(at, settings.timezone));
  return `That slot is taken: ${technician.name} is busy from ${from} until ${to}.`;
}

async function unavailable(
  db: EntityManager,
  booking: Booking,
  { reason, from, minutes }: { reason: string; from: Date; minutes: number },
) {
  const { technician, settings } = booking;
  const zone = settings.timezone;
  const local = (at: Date) => inWords(at, zone);
  const starts = await freeStarts(db, booking, { earliest: from, minutes });
  const alternatives = starts.map((start) => ({
    window_start: start.toISOString(),
    window_end: addMinutes(start, minutes).toISOString(),
    local: local(start),
    timezone: zone,
    technician_id: technician.id,
  }));
  return conflict(
    reason,
    starts.length > 0
      ? `Free instead: ${starts.map(local).join("; ")}. Ask the customer, then schedule one of them.`
      : "Nothing is free in the week after that; try a later date.",
    { alternatives },
  );
}

const MOST_ALTERNATIVES = 3;

async function freeStarts(
  db: EntityManager,
  booking: Booking,
  { earliest, minutes }: { earliest: Date; minutes: number },
): Promise<Date[]> {
  const { technician, settings } = booking;
  const zone = settings.timezone;
  const interval = searchInterval(earliest, zone);
  const busy = await readBusyTimes(db, technician.id, interval);
  const daysOff = await readDaysOff(db, booking, interval);
  return findFreeStarts(
    { workingHours: technician.working_hours, busy, daysOff },
    {
      earliest,
      zone,
      minutes,
      bufferMinutes: settings.travel_buffer_minutes,
      stepMinutes: settings.slot_minutes,
      count: MOST_ALTERNATIVES,
    },
  );
}

const formatDay = (date: string): string =>
  Temporal.PlainDate.from(date).toLocaleString("en-US", { dateStyle: "full" });

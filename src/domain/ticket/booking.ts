import { Temporal } from "temporal-polyfill";
import type { EntityManager } from "typeorm";
import type { Settings, Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { conflict } from "../core/errors.ts";
import { addMinutes, inWords } from "../core/time.ts";
import { daysOff } from "./days-off.ts";
import { busyTimes, freeStarts, type Span } from "./slots.ts";
import { lockTechnicianOf } from "./technician.ts";

interface Wanted extends Span {
  minutes: number;
  /** The one named, else the visit's own, else the only one who has the skills. */
  technician_id?: string | undefined;
}

/** The columns of a visit that is booked for this time; `conflict` with free starts where the technician is taken. */
export async function bookingOf(
  db: EntityManager,
  { ticket, settings }: { ticket: Ticket; settings: Settings },
  { from, to, minutes, technician_id }: Wanted,
): Promise<Pick<Ticket, "technician_id" | "window_start" | "window_end" | "during" | "duration_minutes">> {
  const technician = await lockTechnicianOf(db, ticket, technician_id);
  const during = { from, to: addMinutes(to, settings.travel_buffer_minutes) };
  await mustBeFree(db, { technician, settings, ticket }, { during, minutes });
  return {
    technician_id: technician.id,
    window_start: from,
    window_end: to,
    during: `[${during.from.toISOString()},${during.to.toISOString()})`,
    duration_minutes: minutes,
  };
}

/** `conflict` with free starts where the technician, whose row is locked, is off or at another visit then. */
async function mustBeFree(
  db: EntityManager,
  who: { technician: Technician; settings: Settings; ticket: Ticket },
  { during, minutes }: { during: Span; minutes: number },
): Promise<void> {
  const { technician, settings } = who;
  const why = await whyNotFree(db, who, during);
  if (!why) return;
  const words = (at: Date) => inWords(at, settings.timezone);
  const starts = await freeStarts(db, who, { earliest: during.from, minutes, count: 3 });
  const alternatives = starts.map((from) => ({
    window_start: from.toISOString(),
    window_end: addMinutes(from, minutes).toISOString(),
    local: words(from),
    timezone: settings.timezone,
    technician_id: technician.id,
  }));
  throw conflict(
    why,
    starts.length > 0
      ? `Free instead: ${starts.map(words).join("; ")}. Ask the customer, then schedule one of them.`
      : "Nothing is free in the week from then on; try a later date.",
    { alternatives },
  );
}

async function whyNotFree(
  db: EntityManager,
  who: { technician: Technician; settings: Settings; ticket: Ticket },
  during: Span,
): Promise<string | null> {
  const { technician, settings, ticket } = who;
  const [off] = await daysOff(db, who, during);
  if (off) return `Nobody is booked on ${dayInWords(off[0])}: ${off[1]}.`;
  const [taken] = await busyTimes(db, technician.id, { ...during, except: ticket.id });
  if (!taken) return null;
  const [from, to] = [taken.from, taken.to].map((at) => inWords(at, settings.timezone));
  return `That slot is taken: ${technician.name} is busy from ${from} until ${to}.`;
}

const dayInWords = (date: string): string =>
  Temporal.PlainDate.from(date).toLocaleString("en-US", { dateStyle: "full" });

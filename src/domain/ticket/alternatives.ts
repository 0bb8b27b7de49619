import type { EntityManager } from "typeorm";
import type { Settings } from "../../entities/settings.ts";
import type { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { conflict, type CrmError } from "../core/errors.ts";
import { addMinutes, inWords, localTime, toDate } from "../core/time.ts";
import { freeStarts } from "../schedule/free-starts.ts";
import type { Interval } from "../schedule/interval.ts";
import type { Unavailable } from "../schedule/obstacle.ts";
import { readCalendars } from "./technician-calendar.ts";

const MOST_ALTERNATIVES = 3;
const DAYS_AHEAD = 7;
/** More are not named in the reason. */
const MOST_REASONS = 5;

interface Refused {
  ticket: Pick<Ticket, "id">;
  candidates: readonly Technician[];
  settings: Settings;
  now: Date;
  obstacles: readonly Unavailable[];
}

/** A free time of one technician. */
export interface Alternative {
  /** `2026-01-16T20:00:00.000Z` */
  window_start: string;
  window_end: string;
  /** `Friday, January 16, 2026 at 2:00 PM` */
  local: string;
  timezone: string;
  technician_id: string;
  technician: string;
}

/** The refusal of a time, with free starts from then on that can be booked. */
export async function unavailable(
  db: EntityManager,
  refused: Refused,
  { from, minutes }: { from: Date; minutes: number },
): Promise<CrmError> {
  const alternatives = await alternativesFrom(db, refused, { earliest: from, minutes });
  const hint = hintFor(refused.obstacles, alternatives, "To insist on this time, send outside_hours: true.");
  return conflict(reasonOf(refused.obstacles), hint, { alternatives });
}

export function reasonOf(obstacles: readonly Unavailable[]): string {
  const messages = [...new Set(obstacles.map(({ message }) => message))];
  const more = messages.length > MOST_REASONS ? ` And ${messages.length - MOST_REASONS} more.` : "";
  return `${messages.slice(0, MOST_REASONS).join(". ")}.${more}`;
}

/** The next step. `insist`: what else can be done where only hours or a holiday are in the way. */
export function hintFor(
  obstacles: readonly Unavailable[],
  alternatives: readonly Alternative[],
  insist: string,
): string {
  const yields = obstacles.some(({ because }) => because === "hours" || because === "holiday");
  const free = alternatives.map(({ local }) => local).join("; ");
  const next = free
    ? `Free instead: ${free}. Ask the customer, then book one of them.`
    : "Nothing is free in the week after that; try a later date.";
  return yields ? `${next} ${insist}` : next;
}

/** The first free times of these technicians, one for each start. */
export async function alternativesFrom(
  db: EntityManager,
  { ticket, candidates, settings, now }: Omit<Refused, "obstacles">,
  { earliest, minutes }: { earliest: Date; minutes: number },
): Promise<Alternative[]> {
  const within = searchInterval(earliest, { now, settings });
  const bufferMinutes = settings.travel_buffer_minutes;
  const reach = { from: within.from, to: addMinutes(within.to, minutes + bufferMinutes) };
  const read = { technicians: candidates, settings, except: ticket.id };
  const { business, technicians } = await readCalendars(db, read, reach);
  const wanted = { within, minutes, bufferMinutes, stepMinutes: settings.slot_minutes };
  const found = new Map<number, Alternative>();
  for (const calendar of technicians) {
    for (const start of freeStarts(calendar, business, wanted).slice(0, MOST_ALTERNATIVES)) {
      if (!found.has(start.getTime()))
        found.set(
          start.getTime(),
          alternativeOf(start, { minutes, settings, technician: calendar.technician }),
        );
    }
  }
  return [...found]
    .sort(([one], [other]) => one - other)
    .slice(0, MOST_ALTERNATIVES)
    .map(([, alternative]) => alternative);
}

const alternativeOf = (
  start: Date,
  {
    minutes,
    settings,
    technician,
  }: { minutes: number; settings: Settings; technician: { id: string; name: string } },
): Alternative => ({
  window_start: start.toISOString(),
  window_end: addMinutes(start, minutes).toISOString(),
  local: inWords(start, settings.timezone),
  timezone: settings.timezone,
  technician_id: technician.id,
  technician: technician.name,
});

/** The week from `earliest` on, but no sooner than the business's shortest notice. */
function searchInterval(earliest: Date, { now, settings }: { now: Date; settings: Settings }): Interval {
  const soonest = addMinutes(now, settings.min_notice_minutes);
  const from = earliest > soonest ? earliest : soonest;
  const day = localTime(from, settings.timezone).startOfDay();
  return { from, to: toDate(day.add({ days: DAYS_AHEAD })) };
}

import type { Temporal } from "temporal-polyfill";
import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../entities/database.ts";
import type { Settings, Technician } from "../../entities/technician.ts";
import { addMinutes, localTime, toDate, WEEKDAYS } from "../core/time.ts";
import { daysOff } from "./days-off.ts";

export interface Span {
  from: Date;
  /** Not part of it any more. */
  to: Date;
}

const DAYS_AHEAD = 7;

const BUSY = prepared(
  `SELECT lower(during) AS "from", upper(during) AS "to" FROM ticket
   WHERE technician_id = $1 AND status IN ('scheduled', 'in_progress') AND during && tstzrange($2, $3)
     AND id IS DISTINCT FROM $4
   ORDER BY during`,
);

/** The technician's busy times that touch the span, travel buffer included, in their order; all but one visit's own. */
export const busyTimes = (
  db: EntityManager,
  technicianId: string,
  { from, to, except }: Span & { except?: string },
): Promise<Span[]> => rows(db, BUSY, [technicianId, from, to, except ?? null]);

/** The first few starts at or after `earliest` at which the technician works and is free for `minutes`. */
export async function freeStarts(
  db: EntityManager,
  who: { technician: Technician; settings: Settings },
  { earliest, minutes, count }: { earliest: Date; minutes: number; count: number },
): Promise<Date[]> {
  const { technician, settings } = who;
  const needed = minutes + settings.travel_buffer_minutes;
  const first = localTime(earliest, settings.timezone).startOfDay();
  const horizon = { from: earliest, to: toDate(first.add({ days: DAYS_AHEAD + 2 })) };
  const busy = await busyTimes(db, technician.id, horizon);
  const off = await daysOff(db, who, horizon);
  const isFree = (from: Date) =>
    from >= earliest && busy.every((span) => span.to <= from || span.from >= addMinutes(from, needed));
  return Array.from({ length: DAYS_AHEAD }, (_, days) => first.add({ days }))
    .filter((day) => !off.has(day.toPlainDate().toString()))
    .flatMap((day) => startsOn(day, technician, { minutes, step: settings.slot_minutes }))
    .filter(isFree)
    .slice(0, count);
}

function startsOn(
  day: Temporal.ZonedDateTime,
  { working_hours }: Technician,
  { minutes, step }: { minutes: number; step: number },
): Date[] {
  const weekday = WEEKDAYS[day.dayOfWeek - 1];
  const hours = weekday && working_hours[weekday];
  if (!hours) return [];
  const [opens, closes] = hours.map((time) => toDate(day.withPlainTime(time)));
  const starts: Date[] = [];
  if (!opens || !closes) return starts;
  for (let at = opens; addMinutes(at, minutes) <= closes; at = addMinutes(at, step)) starts.push(at);
  return starts;
}

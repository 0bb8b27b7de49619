import { Temporal } from "temporal-polyfill";
import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../entities/database.ts";
import type { Settings, Technician } from "../../entities/technician.ts";
import { localTime } from "../core/time.ts";
import type { Span } from "./slots.ts";

const HOLIDAYS = prepared(
  "SELECT date, name FROM holiday WHERE archived_at IS NULL AND date BETWEEN $1 AND $2",
);

/** Days of a span on which nobody is booked, `2026-12-24`, and why: the technician is off, or the business is closed. */
export async function daysOff(
  db: EntityManager,
  { technician, settings }: { technician: Technician; settings: Settings },
  { from, to }: Span,
): Promise<Map<string, string>> {
  const [first, last] = [from, to].map((at) => localTime(at, settings.timezone).toPlainDate());
  const off = new Map<string, string>();
  if (!first || !last) return off;
  const holidays = await rows<{ date: string; name: string }>(db, HOLIDAYS, [
    first.toString(),
    last.toString(),
  ]);
  for (const { date, name } of holidays) off.set(date, `the business is closed (${name})`);
  for (let day = first; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    const date = day.toString();
    if (technician.time_off.some((span) => span.from <= date && date <= span.to))
      off.set(date, `${technician.name} is off`);
  }
  return off;
}

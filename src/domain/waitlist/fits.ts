import { z } from "zod";
import { validationFailed } from "../core/errors.ts";
import type { Asked, Bind } from "../core/record-type.ts";
import { localTime, MINUTE, toDate, WEEKDAYS } from "../core/time.ts";
import type { Reference } from "../core/when/index.ts";
import { limitOf, whenWords } from "../query/when.ts";
import { localDays } from "../schedule/calendar.ts";
import type { Interval } from "../schedule/interval.ts";
import { MINUTES } from "./work.ts";

/**
 * SQL: whether an entry `r` that is not settled would take a visit inside the interval, which lies on one local day. A
 * part of the day is a wish for the start. One who wants an earlier time takes none that is later than their visit.
 */
export function fitsInto(
  slot: Interval,
  { zone, parts }: Pick<Reference, "zone" | "parts">,
  bind: Bind,
): string {
  const local = localTime(slot.from, zone);
  const weekday = WEEKDAYS[local.dayOfWeek - 1] ?? "monday"; // dayOfWeek is 1 to 7.
  const at = (time: string) =>
    toDate(local.toPlainDate().toZonedDateTime({ timeZone: zone, plainTime: time }));
  const room = Object.entries(parts).flatMap(([name, part]) => {
    const [opens, closes] = [at(part.from), at(part.to)];
    const from = opens > slot.from ? opens : slot.from;
    return from < closes
      ? [`(${bind(name)} = ANY(r.times) AND ${MINUTES} <= ${bind(minutesOf({ ...slot, from }))})`]
      : [];
  });
  const anyTime = `(r.times = '{}' AND ${MINUTES} <= ${bind(minutesOf(slot))})`;
  return `(r.state IN ('waiting', 'offered')
    AND EXISTS (SELECT FROM contact c WHERE c.id = r.customer_id AND c.archived_at IS NULL)
    AND (r.days = '{}' OR ${bind(weekday)} = ANY(r.days))
    AND (r.until IS NULL OR r.until >= ${bind(local.toPlainDate().toString())}::date)
    AND (${[anyTime, ...room].join(" OR ")})
    AND (r.ticket_id IS NULL OR EXISTS (SELECT FROM ticket t WHERE t.id = r.ticket_id
      AND t.status IN ('unscheduled', 'scheduled')
      AND (t.window_start IS NULL OR t.window_start > ${bind(slot.from)}))))`;
}

const minutesOf = ({ from, to }: Interval): number => Math.floor((to.getTime() - from.getTime()) / MINUTE);

const ends = z.strictObject({ from: whenWords, to: whenWords });

/** Both ends of a free time, or in a URL one text with a slash between them. */
export const slotInput = z.union(
  [
    ends,
    z
      .string()
      .max(170)
      .transform((text) => {
        const [from, to, ...more] = text.split("/");
        return { from, to, ...(more.length > 0 && { more }) };
      })
      .pipe(ends),
  ],
  { error: 'must be two times such as {"from": "2026-11-23T15:30", "to": "2026-11-23T17:00"}' },
);

/** The filter `fits`. */
export function fitsInSlot(slot: z.output<typeof ends>, bind: Bind, asked: Asked): string {
  const from = limitOf(slot.from, "from", { ...asked, path: `${asked.path}.from` });
  const to = limitOf(slot.to, "to", { ...asked, path: `${asked.path}.to` });
  const fault =
    from >= to
      ? "must be later than from"
      : isOneDay({ from, to }, asked.zone)
        ? null
        : "must be on the same day as from";
  if (fault) throw validationFailed([{ path: `${asked.path}.to`, message: fault }]);
  return fitsInto({ from, to }, asked, bind);
}

const isOneDay = (slot: Interval, zone: string): boolean => {
  const [first, last] = localDays(slot, zone);
  return first.equals(last);
};

import ical, {
  type ICalCalendar,
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
} from "ical-generator";
import type { EntityManager } from "typeorm";
import { type CalendarEntry, readCalendarEntry } from "./calendar-entry.ts";

export const CALENDAR_TYPE = "text/calendar; charset=utf-8";

/** An iCalendar file (RFC 5545) with what a mail says about it. */
export interface CalendarFile {
  /** The same in the file and in the mail's Content-Type, or clients refuse it. */
  method: "PUBLISH" | "REQUEST" | "CANCEL";
  content: string;
}

/** One end of an invitation. */
export interface Mailbox {
  name: string;
  address: string;
}

/**
 * The calendar file of one visit, after all its moves, to be downloaded. Null: there is no such visit, or it has no time.
 * A mail carries an `invitationTo` instead.
 */
export async function visitCalendarFile(
  db: EntityManager,
  ticketId: string,
  now: Date,
): Promise<CalendarFile | null> {
  const entry = await readCalendarEntry(db, ticketId, now);
  if (!entry) return null;
  const calendar = calendarWith(ICalCalendarMethod.PUBLISH);
  addEvent(calendar, entry, summaryFor(entry));
  return { method: "PUBLISH", content: calendar.toString() };
}

/** The visit as an invitation by mail. Clients update and remove their entry by it without asking. */
export function invitationTo(
  attendee: Mailbox,
  { entry, organizer }: { entry: CalendarEntry; organizer: Mailbox },
): CalendarFile {
  const method = entry.cancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.REQUEST;
  const calendar = calendarWith(method);
  const event = addEvent(calendar, entry, summaryFor(entry));
  event.organizer({ name: named(organizer), email: organizer.address });
  event.createAttendee({
    ...{ name: named(attendee), email: attendee.address },
    ...{ role: ICalAttendeeRole.REQ, status: ICalAttendeeStatus.ACCEPTED, rsvp: false },
  });
  return { method, content: calendar.toString() };
}

/** The feed of one technician. */
export function calendarFeed(technician: string, entries: readonly CalendarEntry[]): string {
  const calendar = calendarWith(ICalCalendarMethod.PUBLISH);
  calendar.name(escaped(`Visits: ${technician}`));
  for (const entry of entries)
    addEvent(calendar, entry, [entry.customer, entry.services].filter(Boolean).join(": "));
  return calendar.toString();
}

const calendarWith = (method: ICalCalendarMethod): ICalCalendar =>
  ical({ prodId: { company: "Countersign", product: "Countersign" }, method });

/** Instants in UTC, without a zone of their own: every client shows them in the reader's. */
const addEvent = (calendar: ICalCalendar, entry: CalendarEntry, summary: string) =>
  calendar.createEvent({
    id: entry.uid,
    sequence: entry.sequence,
    start: entry.start,
    end: entry.end,
    stamp: entry.read_at,
    lastModified: entry.updated_at,
    status: entry.cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    summary: clean(summary),
    description: `Visit #${entry.number}`,
    ...(entry.location && { location: clean(entry.location) }),
  });

const summaryFor = ({ services, business }: CalendarEntry): string =>
  `${services || "Appointment"} with ${business}`;

/** The library escapes line breaks and separators; RFC 5545 allows no other control characters. Marks that turn text round go too. */
const clean = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n]/gu, " ")
    .replace(/\p{Bidi_Control}/gu, "");

/** For the calendar's name, which the library writes as it is. */
const escaped = (text: string): string =>
  clean(text)
    .replaceAll("\n", " ")
    .replace(/[\\;,]/g, "\\$&");

/** A parameter's value: it may hold no quotes and no line breaks. */
const named = ({ name, address }: Mailbox): string =>
  clean(name)
    .replace(/["\\\n]/g, " ")
    .trim() || address;

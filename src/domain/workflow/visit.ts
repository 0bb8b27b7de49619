import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Context } from "../core/action.ts";
import { conflict } from "../core/errors.ts";
import { inWords } from "../core/time.ts";
import { type Confirmation, SAID } from "../message/notice.ts";
import type { BookedVisit } from "../ticket/visit.ts";

interface OtherVisit {
  ticket_id: string;
  number: number;
  window_start: Date;
}

const OTHERS = `SELECT t.id AS ticket_id, t.number, t.window_start FROM ticket t, settings s
  WHERE t.customer_id = $1 AND t.id <> $2 AND t.status IN ('scheduled', 'in_progress')`;

/** Throws `conflict` if the customer has another visit at an overlapping time. */
export async function mustBeTheOnlyOne(db: EntityManager, { ticket, when }: BookedVisit): Promise<void> {
  const [other] = await rows<OtherVisit>(
    db,
    `${OTHERS} AND t.window_start < $4 AND t.window_end > $3 ORDER BY t.window_start LIMIT 1`,
    [ticket.customer_id, ticket.id, when.start, when.end],
  );
  if (!other) return;
  throw conflict(
    `They have visit #${other.number} at that time already: ${inWords(other.window_start, when.zone)}.`,
    "Ask whether they want a second one; then send it again with allow_duplicate: true. To move the first one, use handle_reschedule_request.",
    { ticket_id: other.ticket_id, number: other.number },
  );
}

/** What the office should know about a visit that has just been booked. */
export async function warningsFor(
  { db, now }: Pick<Context, "db" | "now">,
  { address, ticket, when }: BookedVisit,
): Promise<string[]> {
  const others = await rows<OtherVisit>(
    db,
    `${OTHERS} AND (t.window_start AT TIME ZONE s.timezone)::date = ($3::timestamptz AT TIME ZONE s.timezone)::date
     ORDER BY t.window_start LIMIT 3`,
    [ticket.customer_id, ticket.id, when.start],
  );
  const [overdue] = await rows<{ count: number }>(
    db,
    `SELECT count(*) FROM invoice, settings s WHERE customer_id = $1 AND status IN ('open', 'partially_paid')
       AND due_date < ($2::timestamptz AT TIME ZONE s.timezone)::date`,
    [ticket.customer_id, now],
  );
  const unpaid = Number(overdue?.count ?? 0);
  return [
    ...(address ? [] : ["The customer has no address on file; add it with contact.add_address."]),
    ...others.map(
      ({ number, window_start }) =>
        `They have visit #${number} that day, too: ${inWords(window_start, when.zone)}.`,
    ),
    ...(unpaid > 0 ? [`They have ${unpaid} overdue ${unpaid === 1 ? "invoice" : "invoices"}.`] : []),
  ];
}

/** What schedule_appointment answers. */
export interface Booked extends BookedVisit {
  customer: { id: string; name: string };
  confirmation: Confirmation;
  warnings: string[];
}

/** Without personal data. */
export const bookingOutcome = ({ ticket, when, confirmation }: Booked): string =>
  `Booked: visit #${ticket.number} on ${when.local}. ${SAID[confirmation.status]}`;

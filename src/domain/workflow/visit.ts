import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { Address } from "../../entities/address.ts";
import type { Contact } from "../../entities/contact.ts";
import { LineItem } from "../../entities/line-item.ts";
import { Technician } from "../../entities/technician.ts";
import { Ticket } from "../../entities/ticket.ts";
import type { Context } from "../core/action.ts";
import { conflict, notFound } from "../core/errors.ts";
import { formatMoney } from "../core/money.ts";
import { readById } from "../core/records.ts";
import { inWords } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import type { Confirmation, Notice } from "./confirmation.ts";
import { addressLine } from "./service-address.ts";
import { type When, whenOf } from "./when.ts";

/** A visit as a workflow answers it. */
export interface Visit {
  ticket: { id: string; number: number; customer_id: string };
  address: { id: string; label: string; line: string } | null;
  technician: { id: string; name: string } | null;
  /** Null: not scheduled. */
  when: When | null;
  services: { description: string; quantity: number; total: string }[];
  total: string;
}

export interface BookedVisit extends Visit {
  technician: { id: string; name: string };
  when: When;
}

export function bookedOf(visit: Visit): BookedVisit {
  const { technician, when } = visit;
  if (!technician || !when) throw new Error(`${visit.ticket.id} is not booked`);
  return { ...visit, technician, when };
}

export async function readVisit(db: EntityManager, id: string): Promise<Visit> {
  const settings = await settingsOf(db);
  const ticket = await readById(db, Ticket, { id });
  if (!ticket) throw notFound("ticket", id);
  const { window_start, window_end, technician_id } = ticket;
  const technician = technician_id ? await readById(db, Technician, { id: technician_id }) : undefined;
  const address = ticket.address_id ? await readById(db, Address, { id: ticket.address_id }) : undefined;
  const order = { created_at: "ASC", id: "ASC" } as const;
  const lines = await db.find(LineItem, { where: { ticket_id: id }, order });
  const money = (cents: number) => formatMoney(cents, settings.currency);
  return {
    ticket: { id, number: ticket.number, customer_id: ticket.customer_id },
    address: address ? { id: address.id, label: address.label, line: addressLine(address) } : null,
    technician: technician ? { id: technician.id, name: technician.name } : null,
    when: window_start && window_end && whenOf(window_start, window_end, settings.timezone),
    services: lines.map(({ description, quantity, total_cents }) => ({
      description,
      quantity: Number(quantity),
      total: money(total_cents),
    })),
    total: money(lines.reduce((sum, { total_cents }) => sum + total_cents, 0)),
  };
}

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

/** The message to the customer about the visit. */
export const noticeOf = (
  template: Notice["template"],
  customer: Contact,
  { ticket, when, address, services, technician }: BookedVisit,
): Notice => ({
  template,
  customer,
  ticketId: ticket.id,
  values: {
    when: when.local,
    address: address?.line ?? "",
    services: listed(services.map(({ description }) => description)),
    technician: technician.name,
  },
});

/** Short enough for an SMS. */
const LONGEST_LIST = 200;

function listed(names: readonly string[]): string {
  const all = names.join(", ");
  return all.length > LONGEST_LIST ? `${all.slice(0, LONGEST_LIST - 1)}…` : all;
}

/** What became of the message, for a model. */
export const SAID: Readonly<Record<Confirmation["status"], string>> = {
  queued: "A confirmation goes out in a moment.",
  not_sent: "The confirmation was NOT SENT.",
  suppressed: "NO confirmation was sent: they asked not to be contacted.",
  none: "No confirmation was written.",
};

/** What schedule_appointment answers. */
export interface Booked extends BookedVisit {
  customer: { id: string; name: string };
  confirmation: Confirmation;
  warnings: string[];
}

/** Without personal data. */
export const bookingOutcome = ({ ticket, when, confirmation }: Booked): string =>
  `Booked: visit #${ticket.number} on ${when.local}. ${SAID[confirmation.status]}`;

import type { EntityManager } from "typeorm";
import { Contact } from "../../entities/contact.ts";
import { Ticket, type TicketStatus } from "../../entities/ticket.ts";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { readById } from "../core/records.ts";
import { addMinutes, inWords } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { successorOf } from "../ticket/reschedule.ts";
import { isOpen } from "../waitlist/accept.ts";
import { workOf } from "../waitlist/work.ts";
import { readVisit } from "../ticket/visit.ts";
import { type When, whenOf } from "../ticket/when.ts";

/** A visit, as its customer sees it behind their link. */
export interface LinkedVisit {
  kind: "visit";
  /** Of the ticket. */
  id: string;
  business: string;
  status: TicketStatus;
  /** Null: not scheduled. */
  when: When | null;
  technician: string | null;
  address: string | null;
  services: string[];
  confirmed_at: Date | null;
  change_requested_at: Date | null;
  /** It can be confirmed, and another time asked for. */
  isAhead: boolean;
  /** The link was for a visit whose place this one took. */
  isReplacement: boolean;
}

/** A time that was offered to somebody on the waitlist. */
export interface LinkedOffer {
  kind: "offer";
  /** Of the waitlist entry. */
  id: string;
  business: string;
  /** It can be taken. */
  isOpen: boolean;
  /** They are still on the waitlist. */
  waits: boolean;
  when: When;
  /** In words. */
  until: string;
  services: string[];
  /** When the visit is that they want earlier. */
  instead_of: string | null;
}

export type CustomerLink = LinkedVisit | LinkedOffer;

const TOKEN = /^[0-9a-f]{32}$/;

/**
 * What the link with this token shows. An old link shows the visit that took the place of its own, and a taken offer the
 * booked visit. Null: there is no such link, or its customer is archived.
 */
export async function readCustomerLink(
  db: EntityManager,
  token: string,
  now: Date,
): Promise<CustomerLink | null> {
  if (!TOKEN.test(token)) return null;
  const ticket = await db.findOneBy(Ticket, { visit_token: token });
  const entry = ticket ? null : await db.findOneBy(WaitlistEntry, { offer_token: token });
  const owner = ticket ?? entry;
  const customer = owner && (await readById(db, Contact, { id: owner.customer_id }));
  if (!customer || customer.archived_at) return null;
  if (ticket) return linkedVisit(db, ticket, now);
  if (entry?.booked_ticket_id) {
    const booked = await readById(db, Ticket, { id: entry.booked_ticket_id });
    if (booked) return linkedVisit(db, booked, now);
  }
  return entry && linkedOffer(db, entry, now);
}

async function linkedVisit(db: EntityManager, asked: Ticket, now: Date): Promise<LinkedVisit> {
  const successor = await successorOf(db, asked.id);
  const ticket = (successor && (await readById(db, Ticket, { id: successor.id }))) ?? asked;
  const { when, technician, address, services } = await readVisit(db, ticket.id);
  const { business_name } = await settingsOf(db);
  return {
    kind: "visit",
    id: ticket.id,
    business: business_name,
    status: ticket.status,
    when,
    technician: technician?.name ?? null,
    address: address?.line ?? null,
    services: services.map(({ description }) => description),
    confirmed_at: ticket.confirmed_at,
    change_requested_at: ticket.change_requested_at,
    isAhead: ticket.status === "scheduled" && when !== null && when.end > now,
    isReplacement: ticket.id !== asked.id,
  };
}

/** Null: nothing was ever offered. */
async function linkedOffer(db: EntityManager, entry: WaitlistEntry, now: Date): Promise<LinkedOffer | null> {
  const { offered_start, offer_ends_at, ticket_id } = entry;
  if (!offered_start) return null;
  const settings = await settingsOf(db);
  const zone = settings.timezone;
  const { minutes, services } = await workOf(db, entry);
  const instead = ticket_id ? await readById(db, Ticket, { id: ticket_id }) : undefined;
  return {
    kind: "offer",
    id: entry.id,
    business: settings.business_name,
    isOpen: isOpen(entry, now),
    waits: entry.state === "waiting" || entry.state === "offered",
    when: whenOf(offered_start, addMinutes(offered_start, minutes), settings),
    until: inWords(offer_ends_at ?? offered_start, zone),
    services,
    instead_of:
      instead?.status === "scheduled" && instead.window_start ? inWords(instead.window_start, zone) : null,
  };
}

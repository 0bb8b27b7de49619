import type { EntityManager } from "typeorm";
import { Address } from "../../entities/address.ts";
import { LineItem } from "../../entities/line-item.ts";
import { Technician } from "../../entities/technician.ts";
import { Ticket } from "../../entities/ticket.ts";
import { addressLine } from "../contact/address-line.ts";
import { notFound } from "../core/errors.ts";
import { formatMoney } from "../core/money.ts";
import { readById } from "../core/records.ts";
import { settingsOf } from "../settings/current.ts";
import { type When, whenOf } from "./when.ts";

/** A visit with all that is said about it. */
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
    when: window_start && window_end && whenOf(window_start, window_end, settings),
    services: lines.map(({ description, quantity, total_cents }) => ({
      description,
      quantity: Number(quantity),
      total: money(total_cents),
    })),
    total: money(lines.reduce((sum, { total_cents }) => sum + total_cents, 0)),
  };
}

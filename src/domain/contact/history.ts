import type { EntityManager } from "typeorm";
import { rows } from "../../entities/database.ts";
import { formatMoney } from "../core/money.ts";
import { settingsOf } from "../settings/current.ts";

/** What would be lost with a customer, ever: visits in every state. */
export type History = {
  tickets: number;
  completed_tickets: number;
  /** Of all lines of these tickets. */
  value_cents: number;
  currency: string;
};

export async function lifetimeHistory(db: EntityManager, contactId: string): Promise<History> {
  const { currency } = await settingsOf(db);
  const [counted] = await rows<Omit<History, "currency">>(
    db,
    `SELECT count(*) AS tickets,
       count(*) FILTER (WHERE status = 'completed') AS completed_tickets,
       coalesce(sum((SELECT sum(total_cents) FROM line_item WHERE ticket_id = ticket.id)), 0) AS value_cents
     FROM ticket WHERE customer_id = $1`,
    [contactId],
  );
  const { tickets = 0, completed_tickets = 0, value_cents = 0 } = counted ?? {};
  return { tickets, completed_tickets, value_cents, currency };
}

/** `Customer has 15 tickets worth $4,500` */
export function historySentence({ tickets, value_cents, currency }: History): string {
  const counted = `${tickets.toLocaleString("en-US")} ${tickets === 1 ? "ticket" : "tickets"}`;
  const worth = value_cents > 0 ? ` worth ${formatMoney(value_cents, currency)}` : "";
  return `Customer has ${counted}${worth}`;
}

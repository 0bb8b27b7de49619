import type { EntityManager } from "typeorm";
import { rows } from "../../entities/database.ts";
import { formatMoney } from "../core/money.ts";
import { settingsOf } from "../settings/current.ts";

/** What would be lost with a customer, ever: visits in every state, and messages. */
export type History = {
  tickets: number;
  completed_tickets: number;
  messages: number;
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
       (SELECT count(*) FROM message WHERE customer_id = $1) AS messages,
       coalesce(sum((SELECT sum(total_cents) FROM line_item WHERE ticket_id = ticket.id)), 0) AS value_cents
     FROM ticket WHERE customer_id = $1`,
    [contactId],
  );
  const { tickets = 0, completed_tickets = 0, messages = 0, value_cents = 0 } = counted ?? {};
  return { tickets, completed_tickets, messages, value_cents, currency };
}

/** `Customer has 15 tickets worth $4,500` */
export function historySentence({ tickets, messages, value_cents, currency }: History): string {
  const worth = value_cents > 0 ? ` worth ${formatMoney(value_cents, currency)}` : "";
  const all = [counted(tickets, "ticket") + worth, counted(messages, "message")];
  return `Customer has ${all.filter((each) => !each.startsWith("0 ")).join(" and ")}`;
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? noun : `${noun}s`}`;

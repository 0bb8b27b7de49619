import type { EntityManager } from "typeorm";
import { rows } from "../../entities/database.ts";
import { formatMoney } from "../core/money.ts";
import { settingsOf } from "../settings/current.ts";

/** What makes up a customer's history, in every state, ever: one line for each kind of record. */
const RECORDS = {
  tickets: { one: "ticket", many: "tickets", from: "ticket WHERE customer_id = $1" },
  invoices: { one: "invoice", many: "invoices", from: "invoice WHERE customer_id = $1" },
  messages: { one: "message", many: "messages", from: "message WHERE customer_id = $1" },
} as const;

type Kind = keyof typeof RECORDS;
const KINDS = Object.keys(RECORDS) as Kind[]; // Object.keys() forgets which.

/** What would be lost with a customer. */
export type History = Record<Kind, number> & {
  completed_tickets: number;
  messages: number;
  /** Of all lines of these tickets. */
  value_cents: number;
  currency: string;
};

export async function lifetimeHistory(db: EntityManager, contactId: string): Promise<History> {
  const { currency } = await settingsOf(db);
  const counts = KINDS.map((kind) => `(SELECT count(*) FROM ${RECORDS[kind].from}) AS ${kind}`);
  const [counted] = await rows<Omit<History, "currency">>(
    db,
    `SELECT ${counts.join(", ")},
       (SELECT count(*) FROM ticket WHERE customer_id = $1 AND status = 'completed') AS completed_tickets,
       (SELECT coalesce(sum(l.total_cents), 0)::bigint FROM ticket t JOIN line_item l ON l.ticket_id = t.id
         WHERE t.customer_id = $1) AS value_cents`,
    [contactId],
  );
  if (!counted) throw new Error("a SELECT without FROM answers one row");
  return { ...counted, currency };
}

export const hasHistory = (history: History): boolean => KINDS.some((kind) => history[kind] > 0);

/** `Customer has 15 tickets worth $4,500 and 2 messages` */
export function historySentence(history: History): string {
  const { value_cents, currency } = history;
  const worth = value_cents > 0 ? ` worth ${formatMoney(value_cents, currency)}` : "";
  const counted = KINDS.filter((kind) => history[kind] > 0).map((kind) => {
    const { one, many } = RECORDS[kind];
    const count = history[kind].toLocaleString("en-US");
    return `${count} ${history[kind] === 1 ? one : many}${kind === "tickets" ? worth : ""}`;
  });
  return `Customer has ${new Intl.ListFormat("en-US").format(counted)}`;
}

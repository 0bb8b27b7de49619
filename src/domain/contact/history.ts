import type { EntityManager } from "typeorm";
import { customerColumn, PERSONAL_TABLES } from "../../entities/personal.ts";
import { prepared, rows } from "../../database/sql.ts";
import { formatMoney } from "../core/money.ts";
import { settingsOf } from "../settings/current.ts";

/**
 * The tables that make up a customer's history, in every state, each with a query for the ids that were ever theirs:
 * a row that an undo or an action took away, or moved to another customer, still counts. Where only some statuses count,
 * a row counts whether it had one before, while or after it was theirs. The conditions on `change` are those of its
 * indexes (migration 19).
 */
const KINDS = PERSONAL_TABLES.flatMap((personal) => {
  const column = customerColumn(personal);
  if (!personal.history || !column) return [];
  const [one, many] = personal.history;
  const { table, historyStatuses } = personal;
  const theirs = `SELECT id FROM ${table} WHERE ${column} = $1
    UNION SELECT record_id FROM change WHERE table_name = '${table}' AND after->>'${column}' = $1
      AND before->>'${column}' IS DISTINCT FROM after->>'${column}'`;
  const ids = historyStatuses ? everIn(historyStatuses, { table, theirs }) : theirs;
  const counted = personal.successor
    ? `SELECT id FROM (${ids}) each WHERE NOT EXISTS (SELECT FROM ${table} WHERE ${personal.successor} = each.id)`
    : ids;
  return [{ one, many, table, ids, counted }];
});

function everIn(statuses: readonly string[], { table, theirs }: { table: string; theirs: string }): string {
  const counting = `IN ('${statuses.join("', '")}')`;
  // LATERAL with LIMIT: looks each row up by its indexes, whatever the planner expects of `change`.
  return `SELECT id FROM (${theirs}) theirs CROSS JOIN LATERAL (
    SELECT FROM ${table} WHERE id = theirs.id AND status ${counting}
    UNION ALL SELECT FROM change WHERE table_name = '${table}' AND record_id = theirs.id AND after->>'status' ${counting}
    LIMIT 1) ever`;
}

const idsOf = (kind: string) => KINDS.find(({ table }) => table === kind)?.ids;

/**
 * The highest amount that each visit was ever worth by its lines, and each invoice: those of a visit as one. A visit that
 * was moved is one with those that took its place.
 */
const EVER_WORTH = `WITH RECURSIVE moved AS (
  SELECT id, id AS last FROM ticket t WHERE customer_id = $1 AND rescheduled_from_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM ticket WHERE rescheduled_from_id = t.id)
  UNION ALL SELECT t.rescheduled_from_id, last FROM moved JOIN ticket t ON t.id = moved.id
    WHERE t.rescheduled_from_id IS NOT NULL
), visit AS (
  SELECT coalesce(moved.last, ever.id) AS id, max(highest) AS highest FROM (${idsOf("ticket")}) ever CROSS JOIN LATERAL (
    SELECT max(worth) AS highest FROM (
      SELECT sum(coalesce((after->>'total_cents')::bigint, 0) - coalesce((before->>'total_cents')::bigint, 0))
        OVER (ORDER BY c.id) AS worth
      FROM change c WHERE table_name = 'line_item' AND coalesce(after, before)->>'ticket_id' = ever.id
    ) lines) ticket LEFT JOIN moved ON moved.id = ever.id
  GROUP BY 1
), invoiced AS (
  SELECT coalesce(moved.last, ticket_id, invoice.id) AS id, sum(highest) AS highest FROM (
    SELECT ever.id, max(after->>'ticket_id') AS ticket_id, max((after->>'total_cents')::bigint) AS highest
    FROM (${idsOf("invoice")}) ever JOIN change c ON c.table_name = 'invoice' AND c.record_id = ever.id
    GROUP BY ever.id) invoice LEFT JOIN moved ON moved.id = ticket_id
  GROUP BY 1
)`;

/** What a delete of the customer would remove: the tickets, invoices, messages and leads they ever had, and the values below. */
export interface History {
  [many: string]: number | string | undefined;
  completed_tickets: number;
  /** Of all lines of these tickets, as they are now. */
  value_cents: number;
  /** Only if it is more: the sum of the highest amounts that each ticket was ever worth. */
  highest_value_cents?: number;
  /** Only if it is more than both: with the invoices that are not for one of these visits, or are higher than it. */
  ever_worth_cents?: number;
  currency: string;
}

const counts = KINDS.map(({ many, counted }) => `(SELECT count(*) FROM (${counted}) ever) AS ${many}`);

/** Prepared: a bulk delete reads it for each customer, and planning takes longer than running. */
const HISTORY = prepared(`${EVER_WORTH} SELECT ${counts.join(", ")},
   (SELECT count(*) FROM ticket WHERE customer_id = $1 AND status = 'completed') AS completed_tickets,
   (SELECT coalesce(sum(l.total_cents), 0)::bigint FROM ticket t JOIN line_item l ON l.ticket_id = t.id
     WHERE t.customer_id = $1 AND NOT EXISTS (SELECT FROM ticket WHERE rescheduled_from_id = t.id)) AS value_cents,
   (SELECT coalesce(sum(highest), 0)::bigint FROM visit) AS highest,
   (SELECT coalesce(sum(greatest(visit.highest, invoiced.highest)), 0)::bigint
     FROM visit FULL JOIN invoiced USING (id)) AS ever`);

export async function readHistory(db: EntityManager, contactId: string): Promise<History> {
  const { currency } = await settingsOf(db);
  const [counted] = await rows<History & { highest: number; ever: number }>(db, HISTORY, [contactId]);
  if (!counted) throw new Error("a SELECT without FROM returns one row");
  const { highest, ever, ...history } = counted;
  const most = Math.max(highest, history.value_cents);
  return {
    ...history,
    ...(highest > history.value_cents && { highest_value_cents: highest }),
    ...(ever > most && { ever_worth_cents: ever }),
    currency,
  };
}

export const hasHistory = (history: History): boolean => KINDS.some(({ many }) => Number(history[many]) > 0);

/** `Customer has 15 tickets worth $4,500 and 2 messages` */
export function describeHistory(history: History): string {
  const counted = KINDS.flatMap(({ one, many }) => {
    const count = Number(history[many]);
    if (count === 0) return [];
    const noun = `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
    return `${noun}${many === "tickets" ? describeWorth(history) : ""}`;
  });
  return `Customer has ${new Intl.ListFormat("en-US").format(counted)}`;
}

/** The amount at stake, for rules with a maximum amount. Undefined where nothing ever had a price: it passes no limit. */
export function amountOf({
  value_cents,
  highest_value_cents,
  ever_worth_cents,
}: History): number | undefined {
  const amount = ever_worth_cents ?? highest_value_cents ?? value_cents;
  return amount > 0 ? amount : undefined;
}

/** ` worth $4,500`; where prices were lowered or rows are gone also what they were worth before. */
function describeWorth({ value_cents, highest_value_cents, currency }: History): string {
  const worth = value_cents > 0 ? ` worth ${formatMoney(value_cents, currency)}` : "";
  return highest_value_cents ? `${worth} (once ${formatMoney(highest_value_cents, currency)})` : worth;
}

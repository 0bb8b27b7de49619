import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";

interface Visit {
  ticket_id: string;
  number: number;
  status: string;
  window_start: string;
}

/** Summary of a customer's visits and invoices. Amounts are in minor units of `currency`. */
export interface VisitHistory {
  /** Number of visits in every state. One that was moved counts once. */
  tickets: number;
  /** The latest visit that is completed, or was started before today and left open. */
  last_visit: Visit | null;
  /** The earliest open visit from the start of today on, even if its time has passed. */
  next_visit: Visit | null;
  /** Sum of all completed visits. */
  lifetime_value_cents: number;
  /** Invoiced and unpaid. */
  open_balance_cents: number;
  currency: string;
}

const VISIT = `SELECT jsonb_build_object('ticket_id', id, 'number', number, 'status', status, 'window_start',
  to_char(window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) FROM ticket WHERE customer_id = c.id`;

/** Keyed by contact id. */
export async function readVisitHistories(
  db: EntityManager,
  contactIds: string[],
  now: Date,
): Promise<Map<string, VisitHistory>> {
  const found = await rows<VisitHistory & { id: string }>(
    db,
    `SELECT c.id, (SELECT count(*) FROM ticket t WHERE customer_id = c.id
         AND NOT EXISTS (SELECT FROM ticket WHERE rescheduled_from_id = t.id)) AS tickets,
       (${VISIT} AND (status = 'completed' OR status = 'in_progress' AND window_start < s.today)
         ORDER BY window_start DESC, id DESC LIMIT 1) AS last_visit,
       (${VISIT} AND status IN ('scheduled', 'in_progress') AND window_start >= s.today
         ORDER BY window_start, id LIMIT 1) AS next_visit,
       (SELECT coalesce(sum(l.total_cents), 0)::bigint FROM ticket t JOIN line_item l ON l.ticket_id = t.id
         WHERE t.customer_id = c.id AND t.status = 'completed') AS lifetime_value_cents,
       (SELECT coalesce(sum(due_cents), 0)::bigint FROM invoice
         WHERE customer_id = c.id AND status IN ('open', 'partially_paid')) AS open_balance_cents,
       s.currency
     FROM unnest($1::text[]) AS c(id),
       (SELECT currency, date_trunc('day', $2::timestamptz, timezone) AS today FROM settings) s`,
    [contactIds, now],
  );
  return new Map(found.map(({ id, ...history }) => [id, history]));
}

import type { DataSource } from "typeorm";
import { onlyOwn } from "../domain/engine/authorization/view.ts";
import type { Crm, CrmEvent, Subscriber } from "./contract.ts";
import { rows } from "../database/sql.ts";
import type { AuthorizationStatus } from "../entities/authorization.ts";
import type { JobStatus } from "../entities/job.ts";
import type { Waiters } from "./waiters.ts";

/** A job that wrote more records than this sends one `resync` instead of an event per record. */
const MAX_RECORDS = 200;

interface NotifiedJob {
  id: string;
  action: string;
  status: JobStatus;
  principal: string;
  /** The newest authorization and the one that it replaced. */
  authorizations: { id: string; status: AuthorizationStatus }[];
  records: { id: string; record: string }[];
}

interface Subscription {
  /** Receives only the jobs of this principal; null: of all. */
  own: string | null;
  subscriber: Subscriber;
}

/**
 * Sends events for notified jobs. One query reads the rows for all subscribers; without subscribers none runs.
 * Notifications that arrive during a query are batched into the next one.
 */
export function makeEvents(
  db: DataSource,
  waiters: Waiters,
  onError: (error: unknown) => void,
): Crm["subscribe"] {
  const subscriptions = new Set<Subscription>();
  const notified = new Set<string>();
  let sending = false;

  const sendAll = (events: CrmEvent[], principal?: string): void => {
    for (const { own, subscriber } of [...subscriptions]) {
      if (principal === undefined || own === null || own === principal) events.forEach(subscriber.event);
    }
  };

  async function send(): Promise<void> {
    sending = true;
    while (notified.size > 0) {
      const ids = [...notified];
      notified.clear();
      for (const job of await readNotified(db, ids)) sendAll(eventsOf(job), job.principal);
    }
  }

  waiters.subscribe({
    notified(jobIds) {
      if (subscriptions.size === 0) return;
      for (const id of jobIds) notified.add(id);
      if (sending) return;
      send()
        .catch((error: unknown) => {
          onError(error);
          sendAll([{ type: "resync" }]);
        })
        .finally(() => (sending = false));
    },
    missed: () => sendAll([{ type: "resync" }]),
    dismissed() {
      for (const { subscriber } of [...subscriptions]) subscriber.end();
    },
  });

  return (actor, subscriber) => {
    const subscription = { own: onlyOwn(actor), subscriber };
    if (waiters.dismissed()) subscriber.end();
    else subscriptions.add(subscription);
    return () => void subscriptions.delete(subscription);
  };
}

const readNotified = (db: DataSource, ids: string[]): Promise<NotifiedJob[]> =>
  rows(
    db.manager,
    `SELECT j.id, j.action, j.status, j.principal, q.authorizations, r.records
     FROM job j
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('id', a.id, 'status', a.status) ORDER BY a.created_at, a.id), '[]')
         AS authorizations FROM (
           SELECT id, status, created_at FROM "authorization" WHERE job_id = j.id
           ORDER BY created_at DESC, id DESC LIMIT 2) a) q
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(c), '[]') AS records FROM (
         SELECT DISTINCT record_id AS id, table_name AS record FROM change WHERE job_id = j.id
         LIMIT ${MAX_RECORDS + 1}) c) r
     WHERE j.id = ANY($1)`,
    [ids],
  );

function eventsOf({ id, action, status, authorizations, records }: NotifiedJob): CrmEvent[] {
  const decided = authorizations.map((one): CrmEvent => ({ type: "authorization", ...one, job_id: id }));
  const written =
    records.length > MAX_RECORDS
      ? [{ type: "resync" } as const]
      : records.map((record): CrmEvent => ({ type: "record", ...record, job_id: id }));
  return [{ type: "job", id, status, action }, ...decided, ...written];
}

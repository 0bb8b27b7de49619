import type { DataSource } from "typeorm";
import { onlyOwn } from "../domain/authorization/view.ts";
import type { Crm, CrmEvent, Subscriber } from "../domain/core/ports.ts";
import { rows } from "../entities/database.ts";
import type { AuthorizationStatus } from "../entities/authorization.ts";
import type { JobStatus } from "../entities/job.ts";
import type { Waiters } from "./waiters.ts";

/** Of a job that wrote more records than this, nobody is told each: who watches reads again. */
const MOST_RECORDS = 200;

interface CalledJob {
  id: string;
  action: string;
  status: JobStatus;
  principal: string;
  /** The newest question, and the one that it replaced. */
  questions: { id: string; status: AuthorizationStatus }[];
  records: { id: string; record: string }[];
}

interface Watcher {
  /** Whose jobs alone it is told of; null: all. */
  own: string | null;
  subscriber: Subscriber;
}

/**
 * Tells who watches what the called-out jobs have become: the rows are read once for all watchers, and not at all where
 * nobody watches. While one read runs, calls gather for the next.
 */
export function makeEvents(
  db: DataSource,
  waiters: Waiters,
  onError: (error: unknown) => void,
): Crm["subscribe"] {
  const watchers = new Set<Watcher>();
  const called = new Set<string>();
  let telling = false;

  const tellAll = (events: CrmEvent[], principal?: string): void => {
    for (const { own, subscriber } of [...watchers]) {
      if (principal === undefined || own === null || own === principal) events.forEach(subscriber.event);
    }
  };

  async function tell(): Promise<void> {
    telling = true;
    while (called.size > 0) {
      const ids = [...called];
      called.clear();
      for (const job of await readCalled(db, ids)) tellAll(eventsOf(job), job.principal);
    }
  }

  waiters.hear({
    called(jobIds) {
      if (watchers.size === 0) return;
      for (const id of jobIds) called.add(id);
      if (telling) return;
      tell()
        .catch((error: unknown) => {
          onError(error);
          tellAll([{ type: "resync" }]);
        })
        .finally(() => (telling = false));
    },
    missed: () => tellAll([{ type: "resync" }]),
    dismissed() {
      for (const { subscriber } of [...watchers]) subscriber.end();
    },
  });

  return (actor, subscriber) => {
    const watcher = { own: onlyOwn(actor), subscriber };
    if (waiters.dismissed()) subscriber.end();
    else watchers.add(watcher);
    return () => void watchers.delete(watcher);
  };
}

const readCalled = (db: DataSource, ids: string[]): Promise<CalledJob[]> =>
  rows(
    db.manager,
    `SELECT j.id, j.action, j.status, j.principal, q.questions, r.records
     FROM job j
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(a ORDER BY a.id), '[]') AS questions FROM (
         SELECT id, status FROM "authorization" WHERE job_id = j.id ORDER BY id DESC LIMIT 2) a) q
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(c), '[]') AS records FROM (
         SELECT DISTINCT record_id AS id, table_name AS record FROM change WHERE job_id = j.id
         LIMIT ${MOST_RECORDS + 1}) c) r
     WHERE j.id = ANY($1)`,
    [ids],
  );

function eventsOf({ id, action, status, questions, records }: CalledJob): CrmEvent[] {
  const asked = questions.map((question): CrmEvent => ({ type: "authorization", ...question, job_id: id }));
  const written =
    records.length > MOST_RECORDS
      ? [{ type: "resync" } as const]
      : records.map((record): CrmEvent => ({ type: "record", ...record, job_id: id }));
  return [{ type: "job", id, status, action }, ...asked, ...written];
}

import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import { dispatchId, enqueue, type JobQueue } from "../queue/index.ts";

/** Increments and returns an open job's dispatch number; undefined if the job has ended. `resends` counts losses of the queue. */
export async function nextDispatch(db: DataSource, jobId: string, resends = 0): Promise<number | undefined> {
  const [job] = await rows<{ dispatches: number }>(
    db.manager,
    `UPDATE job SET dispatches = dispatches + 1, resends = resends + $2, dispatched_at = clock_timestamp()
     WHERE id = $1 AND finished_at IS NULL RETURNING dispatches`,
    [jobId, resends],
  );
  return job?.dispatches;
}

/**
 * The dispatch number of a parked job's next timer; undefined if the given queue entry is not its current timer. Entries
 * that somebody else added must not multiply the timers. At most once a second for each job, so that a queue whose clock
 * is wrong cannot make a worker spin: the relay restores a timer that is missing then.
 */
export async function nextTimer(
  db: DataSource,
  { jobId, entry }: { jobId: string; entry: string },
): Promise<number | undefined> {
  const [job] = await rows<{ dispatches: number }>(
    db.manager,
    `UPDATE job SET dispatches = dispatches + 1, dispatched_at = clock_timestamp()
     WHERE id = $1 AND finished_at IS NULL AND id || '-' || dispatches = $2
       AND dispatched_at < clock_timestamp() - interval '1 second' RETURNING dispatches`,
    [jobId, entry],
  );
  return job?.dispatches;
}

/**
 * Adds the timer that ends a parked request: a delayed job that becomes due at the expiry of the open authorization.
 * The delay is computed by the database, because its clock also decides the expiry, and is never shorter than a second.
 * Without an open authorization the job is due at once and does nothing.
 */
export async function addTimer(
  db: DataSource,
  queue: JobQueue,
  { jobId, dispatch }: { jobId: string; dispatch: number },
): Promise<void> {
  const [left] = await rows<{ ms: number }>(
    db.manager,
    `SELECT greatest(1000, ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000))::float8 AS ms
     FROM "authorization" WHERE job_id = $1 AND status = 'pending'`,
    [jobId],
  );
  await enqueue(queue, { id: dispatchId(jobId, dispatch), data: { jobId } }, left?.ms ?? 0);
}

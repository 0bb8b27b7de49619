import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import { every } from "../queue/every.ts";
import { type Backend, dispatchId, enqueue, isPending, type JobQueue, promoteOrAdd } from "../queue/index.ts";
import { addTimer, nextDispatch } from "./dispatch.ts";
import { addSchedulers } from "./schedules.ts";

const BATCH = 500;

interface RelayParts {
  db: DataSource;
  queues: Backend;
  /** Jobs that were dispatched this long ago and have not ended are checked. */
  silenceMs: number;
}

export interface Relay {
  /** Runs one round; exported for tests. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

interface OpenJob {
  id: string;
  dispatches: number;
}

/**
 * Restores what the queue has lost: jobs, decisions that had no effect, timers of parked jobs, schedulers. Runs on its
 * own interval, because a flushed queue would lose a scheduled job. An advisory lock lets one process sweep at a time.
 */
export function makeRelay(parts: RelayParts, onError: (error: unknown) => void): Relay {
  const { db, queues, silenceMs } = parts;
  const awaiting = queues.queue("awaiting-authorization");
  let timersWereMissing = false;

  async function sweep(): Promise<void> {
    const runner = db.createQueryRunner();
    try {
      const [lock] = await rows<{ mine: boolean }>(
        runner.manager,
        "SELECT pg_try_advisory_lock(hashtext('countersign.relay')) AS mine",
      );
      if (!lock?.mine) return;
      try {
        await resendJobs(parts);
        await resendDecisions(parts, awaiting);
        await checkTimers();
        await addSchedulers(queues.queue("schedules"));
      } finally {
        await runner.query("SELECT pg_advisory_unlock(hashtext('countersign.relay'))");
      }
    } finally {
      await runner.release();
    }
  }

  /**
   * Every parked job needs a timer. Comparing each job would be slow, so this compares counts. A job that is being parked
   * has no timer yet, so timers are restored only after two rounds in a row with too few.
   */
  async function checkTimers(): Promise<void> {
    const [count] = await rows<{ parked: number }>(
      db.manager,
      `SELECT count(*) AS parked FROM "authorization" WHERE status = 'pending'`,
    );
    const missing = (count?.parked ?? 0) > (await awaiting.getDelayedCount());
    if (missing && timersWereMissing) await restoreTimers(db, awaiting);
    timersWereMissing = missing && !timersWereMissing;
  }

  return { sweep, ...every(sweep, silenceMs / 2, onError) };
}

/** Resends queued and running jobs that the queue no longer holds. */
async function resendJobs({ db, queues, silenceMs }: RelayParts): Promise<void> {
  const late = await rows<OpenJob & { costly: boolean }>(
    db.manager,
    `UPDATE job SET dispatched_at = clock_timestamp() WHERE id IN (
       SELECT id FROM job WHERE status IN ('queued', 'running')
         AND dispatched_at < clock_timestamp() - make_interval(secs => $1)
       ORDER BY dispatched_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
     RETURNING id, dispatches, costly`,
    [silenceMs / 1_000],
  );
  for (const { id, dispatches, costly } of late) {
    const queue = queues.queue(costly ? "costly-actions" : "actions");
    if (await isPending(queue, dispatchId(id, dispatches))) continue;
    const dispatch = await nextDispatch(db, id, 1);
    if (dispatch !== undefined) await enqueue(queue, { id: dispatchId(id, dispatch), data: { jobId: id } });
  }
}

/** Resends parked jobs that were authorized or have expired and have not run since. */
async function resendDecisions({ db, silenceMs }: RelayParts, queue: JobQueue): Promise<void> {
  const due = await rows<OpenJob>(
    db.manager,
    `SELECT j.id, j.dispatches FROM "authorization" a JOIN job j ON j.id = a.job_id
     WHERE j.finished_at IS NULL AND (
       (a.status = 'authorized' AND a.decided_at < clock_timestamp() - make_interval(secs => $1))
       OR (a.status = 'pending' AND a.expires_at < clock_timestamp() - make_interval(secs => $1)))
     ORDER BY a.id LIMIT ${BATCH}`,
    [silenceMs / 1_000],
  );
  for (const { id, dispatches } of due) {
    const next = await nextDispatch(db, id, 1);
    if (next === undefined) continue;
    await promoteOrAdd(queue, dispatchId(id, dispatches), { id: dispatchId(id, next), data: { jobId: id } });
  }
}

/** Adds a timer for every parked job that has none. */
async function restoreTimers(db: DataSource, queue: JobQueue): Promise<void> {
  let after = "";
  for (;;) {
    const parked = await rows<OpenJob>(
      db.manager,
      `SELECT j.id, j.dispatches FROM "authorization" a JOIN job j ON j.id = a.job_id
       WHERE a.status = 'pending' AND j.id > $1 ORDER BY j.id LIMIT ${BATCH}`,
      [after],
    );
    for (const { id, dispatches } of parked) {
      if (await isPending(queue, dispatchId(id, dispatches))) continue;
      const dispatch = await nextDispatch(db, id, 1);
      if (dispatch !== undefined) await addTimer(db, queue, { jobId: id, dispatch });
    }
    const last = parked.at(-1);
    if (!last) return;
    after = last.id;
  }
}

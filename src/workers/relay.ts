import type { DataSource } from "typeorm";
import { rows } from "../entities/database.ts";
import { dispatchId } from "./dispatcher.ts";
import { nextDispatch } from "./job-workers.ts";
import { setSchedules } from "./schedules.ts";
import { type Backend, enqueue, isPending, type JobQueue, promoteOrAdd } from "./queues.ts";
import { repeating } from "./repeating.ts";

const BATCH = 500;

interface RelayParts {
  db: DataSource;
  queues: Backend;
  /** What was handed to the queue this long ago and is not done is looked after. */
  silenceMs: number;
}

export interface Relay {
  /** One round; exported for tests and for a shutdown that wants to be sure. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

interface OpenJob {
  id: string;
  dispatches: number;
  expires_at: Date;
}

/**
 * Sends again what the queue has lost: jobs never delivered, decisions never acted on, parked jobs without a timer.
 * A timer of its own and no queued job, since a flushed queue would lose that too; of many processes one sweeps.
 */
export function makeRelay(parts: RelayParts, onError: (error: unknown) => void): Relay {
  const { db, queues, silenceMs } = parts;
  const actions = queues.queue("actions");
  const awaiting = queues.queue("awaiting-authorization");
  let fewerTimers = false;

  async function sweep(): Promise<void> {
    const runner = db.createQueryRunner();
    try {
      const [lock] = await rows<{ mine: boolean }>(
        runner.manager,
        "SELECT pg_try_advisory_lock(hashtext('countersign.relay')) AS mine",
      );
      if (!lock?.mine) return;
      try {
        await sendUndelivered(parts, actions);
        await actOnDecisions(parts, awaiting);
        await setTimers();
        await setSchedules(queues.queue("schedules"));
      } finally {
        await runner.query("SELECT pg_advisory_unlock(hashtext('countersign.relay'))");
      }
    } finally {
      await runner.release();
    }
  }

  /** Every parked job has its timer: where the queue holds fewer than the table twice in a row, each is looked at. */
  async function setTimers(): Promise<void> {
    const [count] = await rows<{ parked: number }>(
      db.manager,
      `SELECT count(*) AS parked FROM "authorization" WHERE status = 'pending'`,
    );
    const fewer = (count?.parked ?? 0) > (await awaiting.getDelayedCount());
    if (fewer && fewerTimers) await restoreTimers(db, awaiting);
    fewerTimers = fewer && !fewerTimers;
  }

  return { sweep, ...repeating(sweep, silenceMs / 2, onError) };
}

/** Jobs that the queue should hold and does not. */
async function sendUndelivered({ db, silenceMs }: RelayParts, queue: JobQueue): Promise<void> {
  const late = await rows<OpenJob>(
    db.manager,
    `UPDATE job SET dispatched_at = clock_timestamp() WHERE id IN (
       SELECT id FROM job WHERE status IN ('queued', 'running')
         AND dispatched_at < clock_timestamp() - make_interval(secs => $1)
       ORDER BY dispatched_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
     RETURNING id, dispatches`,
    [silenceMs / 1_000],
  );
  for (const { id, dispatches } of late) {
    if (await isPending(queue, dispatchId(id, dispatches))) continue;
    const dispatch = await nextDispatch(db, id, 1);
    if (dispatch !== undefined) await enqueue(queue, dispatchId(id, dispatch), { jobId: id });
  }
}

/** A person has allowed it, or the time is up, and yet nothing has happened. */
async function actOnDecisions({ db, silenceMs }: RelayParts, queue: JobQueue): Promise<void> {
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
    await promoteOrAdd(queue, dispatchId(id, dispatches), dispatchId(id, next), { jobId: id });
  }
}

async function restoreTimers(db: DataSource, queue: JobQueue): Promise<void> {
  let after = "";
  for (;;) {
    const parked = await rows<OpenJob>(
      db.manager,
      `SELECT j.id, j.dispatches, a.expires_at FROM "authorization" a JOIN job j ON j.id = a.job_id
       WHERE a.status = 'pending' AND j.id > $1 ORDER BY j.id LIMIT ${BATCH}`,
      [after],
    );
    for (const { id, dispatches, expires_at } of parked) {
      if (await isPending(queue, dispatchId(id, dispatches))) continue;
      const dispatch = await nextDispatch(db, id, 1);
      const delay = Math.max(0, expires_at.getTime() - Date.now());
      if (dispatch !== undefined) await enqueue(queue, dispatchId(id, dispatch), { jobId: id }, delay);
    }
    const last = parked.at(-1);
    if (!last) return;
    after = last.id;
  }
}

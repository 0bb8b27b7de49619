import type { DataSource } from "typeorm";
import { batched } from "../database/batch.ts";
import type { Principal } from "../domain/core/principal.ts";
import {
  type JobRow,
  type JobSummary,
  jobSummary,
  type JobView,
  jobView,
  type ListedJobRow,
  ownJob,
  readJobs,
} from "../domain/engine/jobs.ts";
import { stateOf, type Waiters } from "./waiters.ts";

export interface JobReader {
  view(row: JobRow): JobView;
  summary(row: ListedJobRow): JobSummary;
  /** The job as it is; throws not_found for another agent's. */
  read(actor: Principal, id: string): Promise<JobRow>;
  /** Reads the job after each change until it has ended, `done` returns true, or the deadline passes. */
  settled(actor: Principal, { id, until }: Wait, done: (row: JobRow) => boolean): Promise<JobView>;
  /** Waits until the job has ended or has another authorization than it has now. */
  watch(actor: Principal, id: string, waitSeconds: number): Promise<JobView>;
  /** Waits for the first change of a new job that `dispatch` adds to the queue. */
  started({ id, until }: Wait, dispatch: (id: string) => Promise<void>): Promise<void>;
}

interface Wait {
  id: string;
  /** In the time of performance.now(). */
  until: number;
}

interface JobReaderParts {
  db: DataSource;
  waiters: Waiters;
  publicUrl: () => string;
}

/** Deadline in this process's monotonic time, so that clock changes do not affect waits. */
export const deadline = (waitSeconds = 0): number => performance.now() + waitSeconds * 1_000;

/** Reads jobs, at once or after a change. */
export function makeJobReader({ db, waiters, publicUrl }: JobReaderParts): JobReader {
  // Callers woken at the same time share one query.
  const readOne = batched((ids: string[]) => readJobs(db.manager, ids));
  const view = (row: JobRow): JobView => jobView(row, publicUrl());
  const read = async (actor: Principal, id: string) => ownJob(actor, id, await readOne(id));

  const settled: JobReader["settled"] = async (actor, { id, until }, done) => {
    for (;;) {
      const waiter = waiters.join(id, until);
      try {
        const row = await read(actor, id);
        const stop = performance.now() >= until || waiters.dismissed();
        if (row.finished_at || done(row) || stop) return view(row);
        waiter.saw(stateOf(row.status, row.queue_id));
        await waiter.woken;
      } finally {
        waiter.leave();
      }
    }
  };

  return {
    view,
    summary: (row) => jobSummary(row, publicUrl()),
    read,
    settled,
    async watch(actor, id, waitSeconds) {
      const { queue_id } = await read(actor, id);
      return settled(actor, { id, until: deadline(waitSeconds) }, (row) => row.queue_id !== queue_id);
    },
    async started({ id, until }, dispatch) {
      const waiter = waiters.join(id, until);
      try {
        waiter.saw(stateOf("queued", null)); // A new row is known to be `queued`, so it is not read.
        await dispatch(id);
        if (!waiters.dismissed()) await waiter.woken;
      } finally {
        waiter.leave();
      }
    },
  };
}

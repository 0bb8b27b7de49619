import { UnrecoverableError } from "bullmq";
import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import { CrmError, type ErrorBody, internal } from "../domain/core/errors.ts";
import type { Registry } from "../domain/core/registry.ts";
import { isTransient } from "../domain/core/database-errors.ts";
import { execute, type ExecuteOptions } from "../domain/engine/execute.ts";
import type { Outcome } from "../domain/engine/jobs.ts";
import type { Backend, JobWorker, QueuedJob } from "../queue/index.ts";
import type { Notifier } from "../queue/notify.ts";
import { addTimer, nextTimer } from "./dispatch.ts";
import { type TimedStep, timeSteps } from "./timed-steps.ts";
import type { Watchdog } from "./watchdog.ts";

export interface WorkerParts {
  db: DataSource;
  registry: Registry;
  queues: Backend;
  notifier: Notifier;
  options: ExecuteOptions;
  /** Ordinary jobs that run at the same time. */
  concurrency: number;
  /** Is given the running jobs, so that it can log them if the process hangs. */
  watchdog?: Pick<Watchdog, "over">;
  /** Called with an error that no handler expects; the job has failed. */
  onBug: (error: unknown, jobId: string) => void;
  /** Called with an error after which the work is retried. */
  onError: (error: unknown) => void;
  /** Called with the timings of each run; if undefined, nothing is measured. */
  onTimings?: (jobId: string, steps: TimedStep[]) => void;
}

/** A job that has crashed its worker this many times is not started again. */
const MAX_STARTS = 3;

/**
 * Costly jobs that one process runs at the same time. They have a queue of their own, so that those that wait take no
 * place from other jobs. Two previews of the same records would wait for each other's locks, and other jobs for both.
 */
export const COSTLY_CONCURRENCY = 1;

/** Three workers: two run submitted jobs, one runs parked jobs after a decision or at their expiry. */
export function makeJobWorkers(parts: WorkerParts): JobWorker[] {
  const runAlone = oneAtATime();
  const runSubmitted = async (queued: QueuedJob) => void (await step(parts, queued, runAlone));
  return [
    parts.queues.worker("actions", runSubmitted, parts),
    parts.queues.worker("costly-actions", runSubmitted, { concurrency: COSTLY_CONCURRENCY }),
    parts.queues.worker(
      "awaiting-authorization",
      async (queued) => {
        const outcome = await step(parts, queued, runAlone);
        // Promoted by hand, or the timer was early: the authorization is still pending, so the job needs a new timer.
        if (outcome?.kind === "waiting") await renewTimer(parts, queued);
      },
      parts,
    ),
  ];
}

type RunAlone = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** A mutex: runs the given functions one after the other. */
function oneAtATime(): RunAlone {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const current = last.then(work);
    last = current.catch(() => undefined);
    return current;
  };
}

/** Executes one job up to its end or its next pause. The queued job only holds the id; the job row has the rest. */
async function step(parts: WorkerParts, queued: QueuedJob, runAlone: RunAlone): Promise<Outcome | undefined> {
  const { notifier } = parts;
  const jobId = jobIdOf(queued);
  try {
    // The worker of a stalled job died, perhaps because of that job. Stalled jobs run one at a time, so that a further
    // crash is counted only for the job that causes it.
    const suspect = queued.stalledCounter > 0;
    const outcome = await (suspect ? runAlone(() => startAgain(parts, jobId)) : run(parts, jobId));
    if (outcome.kind === "parked") await setTimer(parts, jobId, outcome.dispatch);
    if (outcome.kind === "parked" || outcome.kind === "ended") notifier.publish(jobId);
    return outcome;
  } catch (error) {
    if (isTransient(error)) throw error; // BullMQ retries, later the relay does.
    parts.onBug(error, jobId);
    await failPermanently(parts, jobId, internal(jobId).body);
    throw new UnrecoverableError("a bug: see the log"); // Shown in the board's Failed tab.
  }
}

async function run(parts: WorkerParts, jobId: string): Promise<Outcome> {
  const { db, registry, options, watchdog, onTimings } = parts;
  const timed = onTimings && timeSteps();
  const work = () => execute({ db, registry }, jobId, timed ? { ...options, trace: timed.trace } : options);
  try {
    return await (watchdog ? watchdog.over(jobId, work) : work());
  } finally {
    if (timed) onTimings(jobId, timed.steps);
  }
}

/** Restarts a job whose worker died; fails it permanently if that has happened MAX_STARTS times. */
async function startAgain(parts: WorkerParts, jobId: string): Promise<Outcome> {
  const { db, onError } = parts;
  if (await isPoison(db, jobId)) return failPermanently(parts, jobId, poisonJobError());
  try {
    return await run(parts, jobId);
  } finally {
    // Also after an error: this start did not crash the worker.
    const sql = "UPDATE job SET starts = starts - 1 WHERE id = $1 AND finished_at IS NULL AND starts > 0";
    await rows(db.manager, sql, [jobId]).catch(onError);
  }
}

const jobIdOf = ({ data }: QueuedJob): string => ("jobId" in data ? String(data.jobId) : "");

/** If this fails, the relay sets the timer later. */
async function setTimer(
  { db, queues, onError }: WorkerParts,
  jobId: string,
  dispatch: number,
): Promise<void> {
  await addTimer(db, queues.queue("awaiting-authorization"), { jobId, dispatch }).catch(onError);
}

async function renewTimer(parts: WorkerParts, queued: QueuedJob): Promise<void> {
  const jobId = jobIdOf(queued);
  const dispatch = await nextTimer(parts.db, { jobId, entry: queued.id ?? "" });
  if (dispatch !== undefined) await setTimer(parts, jobId, dispatch);
}

/**
 * Counts a start after a crash, in a transaction of its own, because the job's transaction may crash again. A job with a
 * pending authorization is not counted: it does not run, and must not fail while a person decides on it.
 */
async function isPoison(db: DataSource, jobId: string): Promise<boolean> {
  const [job] = await rows<{ starts: number }>(
    db.manager,
    `UPDATE job SET starts = starts + 1, status = CASE status WHEN 'queued' THEN 'running' ELSE status END
     WHERE id = $1 AND finished_at IS NULL
       AND NOT EXISTS (SELECT FROM "authorization" WHERE job_id = $1 AND status = 'pending')
     RETURNING starts`,
    [jobId],
  );
  return job !== undefined && job.starts >= MAX_STARTS; // The first start is not counted.
}

/** Fails an open job; does nothing if the job has ended. */
async function failPermanently(
  { db, notifier }: WorkerParts,
  jobId: string,
  error: ErrorBody,
): Promise<Outcome> {
  await rows(
    db.manager,
    `UPDATE job SET status = 'failed', error = $2, finished_at = clock_timestamp()
     WHERE id = $1 AND finished_at IS NULL`,
    [jobId, JSON.stringify(error)],
  );
  notifier.publish(jobId);
  return { kind: "ended", status: "failed" };
}

const poisonJobError = (): ErrorBody =>
  new CrmError("internal", `This request crashed its worker ${MAX_STARTS} times and is not tried again.`, {
    hint: "Nothing was changed. Show it to a person; do not send it again.",
  }).body;

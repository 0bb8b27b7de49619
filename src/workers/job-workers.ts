import { UnrecoverableError } from "bullmq";
import type { DataSource } from "typeorm";
import { CrmError, type ErrorBody, internal } from "../domain/core/errors.ts";
import { execute, type ExecuteOptions } from "../domain/core/execute.ts";
import type { Outcome } from "../domain/core/outcome.ts";
import type { Registry } from "../domain/core/registry.ts";
import { rows } from "../entities/database.ts";
import type { Bell } from "./bell.ts";
import { dispatchId } from "./dispatcher.ts";
import { isTransient } from "./transient.ts";
import { type Backend, enqueue, type JobWorker, type QueuedJob } from "./queues.ts";
import type { Watchdog } from "./watchdog.ts";

export interface WorkerParts {
  db: DataSource;
  registry: Registry;
  queues: Backend;
  bell: Bell;
  options: ExecuteOptions;
  concurrency: number;
  /** Where somebody watches: is told what is being worked on. */
  watchdog?: Pick<Watchdog, "over">;
  /** Called with a bug: something that nobody expected. */
  onBug: (error: unknown, jobId: string) => void;
  /** Called with trouble that heals by itself. */
  onError: (error: unknown) => void;
}

/** A job that took its worker down this often is not started again. */
const MOST_STARTS = 3;

/** A worker that does queued jobs, and one that acts on decisions. */
export function makeJobWorkers(parts: WorkerParts): JobWorker[] {
  const inTurn = oneAtATime();
  return [
    parts.queues.worker("actions", async (queued) => void (await step(parts, queued, inTurn)), parts),
    // Its delay is the expiry: once that has run out, this acts on nobody's decision.
    parts.queues.worker(
      "awaiting-authorization",
      async (queued) => {
        const outcome = await step(parts, queued, inTurn);
        // Promoted by hand, or the timer was early: nobody has decided, so the job waits on, under a new timer.
        if (outcome?.kind === "waiting") await waitOn(parts, jobIdOf(queued), outcome.expiresAt);
      },
      parts,
    ),
  ];
}

type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Starts each work when the one before it has ended. */
function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Carries one job on; the queued job only says which: what is to be done stands in its row. */
async function step(parts: WorkerParts, queued: QueuedJob, inTurn: InTurn): Promise<Outcome | undefined> {
  const { bell } = parts;
  const jobId = jobIdOf(queued);
  try {
    // One of those that a worker held when it went down is why; in turn, only that one is counted again.
    const suspect = queued.stalledCounter > 0;
    const outcome = await (suspect ? inTurn(() => startAgain(parts, jobId)) : run(parts, jobId));
    if (outcome.kind === "parked") await setTimer(parts, jobId, outcome.dispatch, outcome.expiresAt);
    if (outcome.kind === "parked" || outcome.kind === "ended") bell.ring(jobId);
    return outcome;
  } catch (error) {
    if (isTransient(error)) throw error; // The queue tries again, and after it the relay.
    parts.onBug(error, jobId);
    await bury(parts, jobId, internal(jobId).body);
    throw new UnrecoverableError("a bug: see the log"); // Shown in the board's Failed tab.
  }
}

function run({ db, registry, options, watchdog }: WorkerParts, jobId: string): Promise<Outcome> {
  const work = () => execute(db, registry, jobId, options);
  return watchdog ? watchdog.over(jobId, work) : work();
}

/** Carries on a job that a worker went down with, unless it was there too often. */
async function startAgain(parts: WorkerParts, jobId: string): Promise<Outcome> {
  const { db, onError } = parts;
  if (await isPoison(db, jobId)) return bury(parts, jobId, poisonous());
  try {
    return await run(parts, jobId);
  } finally {
    // However it went, it took nobody down.
    const sql = "UPDATE job SET starts = starts - 1 WHERE id = $1 AND finished_at IS NULL AND starts > 0";
    await rows(db.manager, sql, [jobId]).catch(onError);
  }
}

const jobIdOf = ({ data }: QueuedJob): string => ("jobId" in data ? String(data.jobId) : "");

/** The delay of the timer is the expiry: when it fires, nobody has decided. */
async function setTimer(parts: WorkerParts, jobId: string, number: number, expiresAt: Date): Promise<void> {
  const delay = Math.max(0, expiresAt.getTime() - Date.now());
  const queue = parts.queues.queue("awaiting-authorization");
  // Lost timers are set again by the relay.
  await enqueue(queue, dispatchId(jobId, number), { jobId }, delay).catch(parts.onError);
}

async function waitOn(parts: WorkerParts, jobId: string, expiresAt: Date): Promise<void> {
  const dispatch = await nextDispatch(parts.db, jobId);
  if (dispatch !== undefined) await setTimer(parts, jobId, dispatch, expiresAt);
}

/** Takes the next dispatch number of an open job; undefined where it has ended. A re-send is counted. */
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
 * Counts a start after a crash, outside of the transaction that may crash again. A job that waits for a person starts
 * nothing, and must not end under their hands.
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
  return job !== undefined && job.starts >= MOST_STARTS; // The first start is not counted.
}

/** Ends a job that cannot be carried out; one that has ended stays as it is. */
async function bury({ db, bell }: WorkerParts, jobId: string, error: ErrorBody): Promise<Outcome> {
  await rows(
    db.manager,
    `UPDATE job SET status = 'failed', error = $2, finished_at = clock_timestamp()
     WHERE id = $1 AND finished_at IS NULL`,
    [jobId, JSON.stringify(error)],
  );
  bell.ring(jobId);
  return { kind: "ended", status: "failed" };
}

const poisonous = (): ErrorBody =>
  new CrmError("internal", `This request stopped its worker ${MOST_STARTS} times and is not tried again.`, {
    hint: "Nothing was changed. Show it to a person; do not send it again.",
  }).body;

import { type DataSource, QueryFailedError } from "typeorm";
import { prepared, rows } from "../entities/database.ts";
import { actionKey } from "../domain/core/action.ts";
import { batched } from "../domain/core/batch.ts";
import { digestOf } from "../domain/core/canonical.ts";
import { CrmError } from "../domain/core/errors.ts";
import { newId } from "../domain/core/ids.ts";
import { parseInput } from "../domain/core/input.ts";
import { fitsAudience } from "../domain/core/judge.ts";
import type { Submission } from "../domain/core/ports.ts";
import { type Principal, principalKey } from "../domain/core/principal.ts";
import type { Registry } from "../domain/core/registry.ts";
import { enqueueAll, type JobQueue } from "./queues.ts";
import { within } from "./within.ts";

/** How long a caller is held up by a queue that does not answer: the row is written, the relay tells it later. */
const TELLING_MS = 250;

/** What writes a job row: the id and whether the queue has to be told. */
export interface Written {
  id: string;
  fresh: boolean;
}

/** The BullMQ id of a job's nth dispatch: BullMQ knows each id once, a job may be sent often. */
export const dispatchId = (jobId: string, dispatch: number): string => `${jobId}-${dispatch}`;

/** A job row before it is written. */
interface NewJob {
  id: string;
  action: string;
  input: unknown;
  digest: string;
  reasoning: string | null;
  dry_run: boolean;
  principal: string;
  principal_kind: Principal["kind"];
  principal_name: string;
  idempotency_key: string | null;
  /** An agent's request without a key: equal to one that is parked, it is that one. */
  repeatable: boolean;
}

// An agent that repeats itself without a key gets the job that waits already: one question, not two.
const WRITE = prepared(
  `WITH asked AS MATERIALIZED (
     SELECT * FROM json_to_recordset($1) AS asked (id text, action text, input jsonb, digest text, reasoning text,
       dry_run boolean, principal text, principal_kind text, principal_name text, idempotency_key text,
       repeatable boolean)),
   twin AS MATERIALIZED (
     SELECT asked.id AS asked, parked.ids[1] AS id FROM asked CROSS JOIN LATERAL (
       -- Not min(): for the first one alone, PostgreSQL would walk through all jobs of the agent.
       SELECT array_agg(job.id ORDER BY job.id) AS ids FROM job
       WHERE principal = asked.principal AND digest = asked.digest AND status = 'authorization_required') AS parked
     WHERE asked.repeatable AND parked.ids IS NOT NULL),
   written AS (
     INSERT INTO job (id, action, input, digest, reasoning, dry_run, principal, principal_kind, principal_name,
       idempotency_key, dispatches, dispatched_at)
     SELECT id, action, input, digest, reasoning, dry_run, principal, principal_kind, principal_name,
       idempotency_key, 1, clock_timestamp()
     FROM asked WHERE id NOT IN (SELECT asked FROM twin)
     ON CONFLICT (principal, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id)
   SELECT id AS asked, id, true AS fresh FROM written UNION ALL SELECT asked, id, false FROM twin`,
);

/** Checks a request at the door and writes its job row: from here on it is promised. */
export type JobWriter = (actor: Principal, submission: Submission) => Promise<Written>;

/** Requests that come together are written together, each with its own answer. */
export function makeJobWriter(db: DataSource, registry: Registry): JobWriter {
  const write = batched((jobs: NewJob[]) => insertJobs(db, jobs), isRefused);
  return async (actor, submission) => {
    const job = newJob(registry, actor, submission);
    return (await write(job)) ?? sameKey(db, job);
  };
}

function newJob(registry: Registry, actor: Principal, submission: Submission): NewJob {
  const action = registry.action(submission.domain, submission.action);
  fitsAudience(action, actor.kind);
  parseInput(action, submission.data); // The row keeps what was sent; the worker parses it again.
  const key = actionKey(action);
  const input = submission.data ?? {};
  const dry_run = submission.dryRun ?? false;
  return {
    id: newId("job"),
    action: key,
    input,
    digest: digestOf({ action: key, input, dry_run }),
    reasoning: submission.reasoning ?? null,
    dry_run,
    principal: principalKey(actor),
    principal_kind: actor.kind,
    principal_name: actor.name,
    idempotency_key: submission.idempotencyKey ?? null,
    repeatable: actor.kind === "agent" && submission.idempotencyKey === undefined,
  };
}

async function insertJobs(db: DataSource, jobs: NewJob[]): Promise<(Written | undefined)[]> {
  const written = await rows<Written & { asked: string }>(db.manager, WRITE, [JSON.stringify(jobs)]);
  const byAsked = new Map(written.map(({ asked, id, fresh }) => [asked, { id, fresh }]));
  return jobs.map(({ id }) => byAsked.get(id));
}

/** The database read the statement and refused a value in it: nothing was written. */
const isRefused = (error: unknown): boolean =>
  error instanceof QueryFailedError &&
  /^(22|23|54)/.test(String((error.driverError as { code?: unknown }).code));

async function sameKey(db: DataSource, { principal, idempotency_key, digest }: NewJob): Promise<Written> {
  const [earlier] = await rows<{ id: string; digest: string }>(
    db.manager,
    "SELECT id, digest FROM job WHERE principal = $1 AND idempotency_key = $2",
    [principal, idempotency_key],
  );
  if (earlier?.digest === digest) return { id: earlier.id, fresh: false };
  throw new CrmError("idempotency_conflict", "This idempotency key was used before for another request.", {
    fields: [{ path: "idempotency_key", message: "belongs to another request" }],
    hint: "Use a new key for a new request; use the old key only to repeat the very same one.",
    extra: { job_id: earlier?.id },
  });
}

/**
 * Hands new jobs to the queue, those that come together in one go. That may fail: the row stays, the relay sends it
 * later.
 */
export function makeSender(
  queue: JobQueue,
  onError: (error: unknown) => void,
): (jobId: string) => Promise<void> {
  const add = batched((jobIds: string[]) => enqueueFirst(queue, jobIds));
  return (jobId) => tell(add(jobId), onError);
}

async function enqueueFirst(queue: JobQueue, jobIds: string[]): Promise<void[]> {
  await enqueueAll(
    queue,
    jobIds.map((jobId) => ({ id: dispatchId(jobId, 1), data: { jobId } })),
  );
  return jobIds.map(() => undefined);
}

/** Waits for the queue to have heard, but not for long, and never fails. */
export const tell = (hearing: Promise<void>, onError: (error: unknown) => void): Promise<void> =>
  within(TELLING_MS, hearing).catch(onError);

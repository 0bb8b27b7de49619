import type { DataSource } from "typeorm";
import { prepared, rows } from "../entities/database.ts";
import { actionKey } from "../domain/core/action.ts";
import { digestOf } from "../domain/core/canonical.ts";
import { CrmError } from "../domain/core/errors.ts";
import { newId } from "../domain/core/ids.ts";
import { parseInput } from "../domain/core/input.ts";
import { fitsAudience } from "../domain/core/judge.ts";
import type { Submission } from "../domain/core/ports.ts";
import { type Principal, principalKey } from "../domain/core/principal.ts";
import type { Registry } from "../domain/core/registry.ts";
import { enqueue, type JobQueue } from "./queues.ts";
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

// An agent that repeats itself without a key gets the job that waits already: one question, not two.
const WRITE = prepared(
  // The twins are ordered apart: asked for the first one at once, PostgreSQL would walk through all jobs of the agent.
  `WITH twin AS MATERIALIZED (
     SELECT id FROM job WHERE $11 AND principal = $7 AND digest = $4 AND status = 'authorization_required'),
   written AS (
     INSERT INTO job (id, action, input, digest, reasoning, dry_run, principal, principal_kind, principal_name,
       idempotency_key, dispatches, dispatched_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, clock_timestamp() WHERE NOT EXISTS (SELECT FROM twin)
     ON CONFLICT (principal, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id)
   SELECT id, true AS fresh FROM written UNION ALL (SELECT id, false FROM twin ORDER BY id LIMIT 1)`,
);

/** Checks a request at the door and writes its job row: from here on it is promised. */
export async function writeJob(
  db: DataSource,
  registry: Registry,
  actor: Principal,
  submission: Submission,
): Promise<Written> {
  const action = registry.action(submission.domain, submission.action);
  fitsAudience(action, actor.kind);
  parseInput(action, submission.data); // The row keeps what was sent; the worker parses it again.
  const key = actionKey(action);
  const input = submission.data ?? {};
  const dryRun = submission.dryRun ?? false;
  const digest = digestOf({ action: key, input, dry_run: dryRun });
  const repeatable = actor.kind === "agent" && submission.idempotencyKey === undefined;
  const [written] = await rows<Written>(db.manager, WRITE, [
    newId("job"),
    key,
    JSON.stringify(input),
    digest,
    submission.reasoning ?? null,
    dryRun,
    principalKey(actor),
    actor.kind,
    actor.name,
    submission.idempotencyKey ?? null,
    repeatable,
  ]);
  return written ?? sameKey(db, actor, submission.idempotencyKey ?? "", digest);
}

async function sameKey(db: DataSource, actor: Principal, key: string, digest: string): Promise<Written> {
  const [earlier] = await rows<{ id: string; digest: string }>(
    db.manager,
    "SELECT id, digest FROM job WHERE principal = $1 AND idempotency_key = $2",
    [principalKey(actor), key],
  );
  if (earlier?.digest === digest) return { id: earlier.id, fresh: false };
  throw new CrmError("idempotency_conflict", "This idempotency key was used before for another request.", {
    fields: [{ path: "idempotency_key", message: "belongs to another request" }],
    hint: "Use a new key for a new request; use the old key only to repeat the very same one.",
    extra: { job_id: earlier?.id },
  });
}

/** Hands a new job to the queue. That may fail: the row stays, the relay sends it later. */
export async function dispatch(
  queue: JobQueue,
  jobId: string,
  onError: (error: unknown) => void,
): Promise<void> {
  await tell(enqueue(queue, dispatchId(jobId, 1), { jobId }), onError);
}

/** Waits for the queue to have heard, but not for long, and never fails. */
export const tell = (hearing: Promise<void>, onError: (error: unknown) => void): Promise<void> =>
  within(TELLING_MS, hearing).catch(onError);

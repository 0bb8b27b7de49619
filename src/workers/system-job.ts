import type { DataSource, EntityManager } from "typeorm";
import { prepared, rows } from "../database/sql.ts";
import type { Job } from "../entities/job.ts";
import { digestOf } from "../domain/core/canonical.ts";
import { FastPathAborted } from "../domain/engine/attempt.ts";
import { CrmError, type ErrorBody } from "../domain/core/errors.ts";
import { CLAIMED_COLUMNS } from "../domain/engine/claim.ts";
import { executeClaimed } from "../domain/engine/execute.ts";
import type { ClaimedJob } from "../domain/engine/run.ts";
import { newId } from "../domain/core/ids.ts";
import type { Registry } from "../domain/core/registry.ts";

/** A job that the program itself submits. */
export interface SystemJob {
  /** `demo` becomes the principal `system:demo`. */
  by: string;
  /** Stable: the same key never runs twice. */
  key: string;
  /** `contact.create` */
  action: string;
  data: unknown;
  /** The job's time; the default is the database's clock. */
  at?: Date;
  /** Base of links in messages. */
  publicUrl?: string | undefined;
}

/** A system job that did not complete. */
export class SystemJobFailed extends Error {
  /** The error of the failed job; null if the job has not ended. */
  readonly body: ErrorBody | null;

  constructor(message: string, body: ErrorBody | null) {
    super(message);
    this.body = body;
  }
}

const WRITE = prepared(
  `INSERT INTO job (id, action, input, digest, principal, principal_kind, principal_name, idempotency_key, created_at,
     xid, started_at)
   VALUES ($1, $2, $3, $4, $5, 'system', $6, $7, coalesce($8, now()), pg_current_xact_id()::text, clock_timestamp())
   ON CONFLICT (principal, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING ${CLAIMED_COLUMNS}`,
);

const KNOWN = "SELECT id, status, result, error FROM job WHERE principal = $1 AND idempotency_key = $2";

/** The status of a job, with its result or error if it has ended. */
type End = Pick<Job, "status"> & { result?: unknown; error?: ErrorBody | null };

/**
 * Writes and runs a system job in one transaction, without the queue. Resolves with its result, also if it has run
 * before. Throws SystemJobFailed if it does not complete; then nothing was written.
 */
export async function runSystemJob(db: DataSource, registry: Registry, job: SystemJob): Promise<unknown> {
  return db.transaction(async (manager) => (await runSystemJobWithin(manager, registry, job)).result);
}

/**
 * As `runSystemJob`, inside the caller's transaction. The caller must roll back if this throws, and must notify the
 * waiters of `id` after its commit. `fresh`: the job has not run before.
 */
export async function runSystemJobWithin(
  manager: EntityManager,
  registry: Registry,
  job: SystemJob,
): Promise<{ id: string; result: unknown; fresh: boolean }> {
  const principal = `system:${job.by}`;
  const [written] = await rows<ClaimedJob>(manager, WRITE, [
    newId("job"),
    job.action,
    JSON.stringify(job.data),
    digestOf({ action: job.action, input: job.data, dry_run: false }),
    principal,
    job.by,
    job.key,
    job.at ?? null,
  ]);
  if (written) {
    const end = await runClaimed({ db: manager, registry }, written, job);
    return { id: written.id, result: resultOf(job, end), fresh: true };
  }
  const [known] = await rows<End & { id: string }>(manager, KNOWN, [principal, job.key]);
  return { id: known?.id ?? "", result: resultOf(job, known), fresh: false };
}

/** System jobs never park, so the authorization TTL is unused. */
async function runClaimed(
  within: { db: EntityManager; registry: Registry },
  job: ClaimedJob,
  { at: now, publicUrl }: Pick<SystemJob, "at" | "publicUrl">,
): Promise<End | undefined> {
  try {
    const outcome = await executeClaimed(within, job, {
      authorizationTtlMs: 0,
      ...(now && { clock: { now: () => now } }),
      ...(publicUrl !== undefined && { publicUrl }),
    });
    return outcome.kind === "ended" ? outcome : undefined;
  } catch (error) {
    const { cause } = error instanceof FastPathAborted ? error : { cause: error };
    if (cause instanceof CrmError) return { status: "failed", error: cause.body };
    throw cause;
  }
}

function resultOf({ by, key, action }: SystemJob, end: End | undefined): unknown {
  if (end?.status === "completed") return end.result;
  const why = end?.error?.message ?? "";
  throw new SystemJobFailed(`${action} (${key}) of system:${by} ${end?.status}: ${why}`, end?.error ?? null);
}

import type { DataSource, EntityManager } from "typeorm";
import { prepared, rows } from "../entities/database.ts";
import type { Job } from "../entities/job.ts";
import { digestOf } from "../domain/core/canonical.ts";
import { type ClaimedJob, Setback } from "../domain/core/attempt.ts";
import { CrmError, type ErrorBody } from "../domain/core/errors.ts";
import { CLAIMED, executeOwn } from "../domain/core/execute.ts";
import { newId } from "../domain/core/ids.ts";
import type { Registry } from "../domain/core/registry.ts";

/** A job of the system's own. */
export interface SystemJob {
  /** Who: `demo` becomes the principal `system:demo`. */
  by: string;
  /** Stable: the same key never runs twice. */
  key: string;
  /** `contact.create` */
  action: string;
  data: unknown;
  /** Its own clock; left out, the database's. */
  at?: Date;
}

/** A job of the system's own that did not complete. */
export class NotDone extends Error {
  /** Why it was refused; null where it is not over yet. */
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
   ON CONFLICT (principal, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING ${CLAIMED}`,
);

const KNOWN = "SELECT id, status, result, error FROM job WHERE principal = $1 AND idempotency_key = $2";

/** How a job has ended, where it has. */
type End = Pick<Job, "status"> & { result?: unknown; error?: ErrorBody | null };

/**
 * Writes a system job and carries it out in one transaction, without the queue. Answers its result, also where it has
 * run before. Throws NotDone where it did not complete; then it has left nothing.
 */
export async function runNow(db: DataSource, registry: Registry, job: SystemJob): Promise<unknown> {
  return db.transaction(async (manager) => (await runWithin(manager, registry, job)).result);
}

/**
 * The same inside a transaction that the caller has begun, and lets go where this throws; the id is what to ring for
 * once it has committed, `fresh` says that it has not run before.
 */
export async function runWithin(
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
    const end = await carriedOut(manager, registry, written, job.at);
    return { id: written.id, result: resultOf(job, end), fresh: true };
  }
  const [known] = await rows<End & { id: string }>(manager, KNOWN, [principal, job.key]);
  return { id: known?.id ?? "", result: resultOf(job, known), fresh: false };
}

/** The system's own jobs never park, so they need no time to wait. */
async function carriedOut(
  manager: EntityManager,
  registry: Registry,
  job: ClaimedJob,
  now: Date | undefined,
): Promise<End | undefined> {
  try {
    const outcome = await executeOwn(manager, registry, job, { authorizationTtlMs: 0, ...(now && { now }) });
    return outcome.kind === "ended" ? outcome : undefined;
  } catch (error) {
    const { cause } = error instanceof Setback ? error : { cause: error };
    if (cause instanceof CrmError) return { status: "failed", error: cause.body };
    throw cause;
  }
}

function resultOf({ by, key, action }: SystemJob, end: End | undefined): unknown {
  if (end?.status === "completed") return end.result;
  const why = end?.error?.message ?? "";
  throw new NotDone(`${action} (${key}) of system:${by} ${end?.status}: ${why}`, end?.error ?? null);
}

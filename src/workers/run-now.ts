import type { DataSource, EntityManager } from "typeorm";
import { rows } from "../entities/database.ts";
import { digestOf } from "../domain/core/canonical.ts";
import type { ErrorBody } from "../domain/core/errors.ts";
import { executeWithin } from "../domain/core/execute.ts";
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

/**
 * Writes a system job and carries it out in one transaction, without the queue. Answers its result, also where it has
 * run before. Throws NotDone where it did not complete; then it has left nothing.
 */
export async function runNow(db: DataSource, registry: Registry, job: SystemJob): Promise<unknown> {
  return db.transaction(async (manager) => (await runWithin(manager, registry, job)).result);
}

/**
 * The same inside a transaction that the caller has begun; the id is what to ring for once it has committed, `fresh`
 * says that it has not run before.
 */
export async function runWithin(
  manager: EntityManager,
  registry: Registry,
  job: SystemJob,
): Promise<{ id: string; result: unknown; fresh: boolean }> {
  const principal = `system:${job.by}`;
  const [written] = await rows<{ id: string }>(
    manager,
    `INSERT INTO job (id, action, input, digest, principal, principal_kind, principal_name, idempotency_key,
       created_at)
     VALUES ($1, $2, $3, $4, $5, 'system', $6, $7, coalesce($8, now()))
     ON CONFLICT (principal, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id`,
    [
      newId("job"),
      job.action,
      JSON.stringify(job.data),
      digestOf({ action: job.action, input: job.data, dry_run: false }),
      principal,
      job.by,
      job.key,
      job.at ?? null,
    ],
  );
  if (written) {
    // The system's own jobs never park, so they need no time to wait.
    await executeWithin(manager, registry, written.id, {
      authorizationTtlMs: 0,
      ...(job.at && { now: job.at }),
    });
  }
  const [done] = await rows<{
    id: string;
    status: string;
    result: unknown;
    error: ErrorBody | null;
  }>(manager, "SELECT id, status, result, error FROM job WHERE principal = $1 AND idempotency_key = $2", [
    principal,
    job.key,
  ]);
  if (done?.status === "completed") return { id: done.id, result: done.result, fresh: written !== undefined };
  throw new NotDone(
    `${job.action} (${job.key}) of ${principal} ${done?.status}: ${done?.error?.message ?? ""}`,
    done?.error ?? null,
  );
}

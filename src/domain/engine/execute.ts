import type { DataSource, EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import type { Authorization } from "../../entities/authorization.ts";
import { databaseFault, refusalOf } from "../core/database-errors.ts";
import { CrmError, type ErrorBody } from "../core/errors.ts";
import { above, type Level } from "../core/permission.ts";
import type { Registry } from "../core/registry.ts";
import { attempt, type Attempt, FastPathAborted } from "./attempt.ts";
import { expire, liveAuthorization, park, supersede } from "./authorization/park.ts";
import { checkPending } from "./authorization/limits.ts";
import { claim, prepareRun, type RunOptions } from "./claim.ts";
import { countUse, endRecordRules, writeRule } from "./authorization/coverage.ts";
import type { Outcome } from "./jobs.ts";
import type { ClaimedJob, Run } from "./run.ts";

export interface ExecuteOptions extends RunOptions {
  /** How long a parked request waits for a person, unless the settings say otherwise. */
  authorizationTtlMs: number;
  /** Requests of one agent that may wait for a person at the same time. Default: MOST_PENDING. */
  mostPending?: number;
}

const COMPLETE = prepared(
  `UPDATE job SET status = 'completed', result = $2, level = $3, allowed_by = $4, hits = $5, outcome = $6,
     finished_at = clock_timestamp() WHERE id = $1`,
);

/**
 * - `fast`: no savepoints. Any refusal aborts the transaction.
 * - `commit`: with savepoints, so that a refusal can be stored. Tries to commit first.
 * - `preview`: with savepoints. The fast path found that a person must agree, so it starts with the preview.
 */
type Path = "fast" | "commit" | "preview";

/**
 * Advances a job by one step in one transaction: runs, parks or ends it. Only the row decides which, so calling this
 * twice, too early or for an unknown job is harmless.
 * Fast path: run without savepoints. On refusal, roll back and run again with savepoints so that the refusal can be
 * stored.
 * Throws only transient and unexpected errors (a lock timeout, a lost connection, a bug). Then everything is rolled back.
 */
export async function execute(
  { db: dataSource, registry }: { db: DataSource; registry: Registry },
  jobId: string,
  options: ExecuteOptions,
): Promise<Outcome> {
  const on = async (path: Path, needs: Level | null = null): Promise<Outcome> => {
    const outcome = await dataSource.transaction((db) => step({ db, registry, path, needs, options }, jobId));
    options.trace?.("commit");
    return outcome;
  };
  try {
    return await on("fast");
  } catch (error) {
    options.trace?.("rollback");
    if (error instanceof FastPathAborted) return on(error.needs ? "preview" : "commit", error.needs);
    if (databaseFault(error) !== "refused") throw error; // COMMIT refuses where a deferred constraint is broken.
    return on("commit");
  }
}

/**
 * Runs a job that the current transaction has inserted and claimed (CLAIMED_COLUMNS), on the fast path. Where it throws
 * FastPathAborted, the caller must roll back the transaction.
 */
export const executeClaimed = (
  { db, registry }: { db: EntityManager; registry: Registry },
  job: ClaimedJob,
  options: ExecuteOptions,
): Promise<Outcome> => begin({ db, registry, path: "fast", needs: null, options }, job, null);

interface Step {
  db: EntityManager;
  registry: Registry;
  path: Path;
  /** The level that the fast path was aborted at. */
  needs: Level | null;
  options: ExecuteOptions;
}

async function step(given: Step, jobId: string): Promise<Outcome> {
  const { db } = given;
  const job = await claim(db, jobId);
  given.options.trace?.("claim");
  if (!job) return { kind: "absent" };
  const authorization = job.status === "authorization_required" ? await liveAuthorization(db, jobId) : null;
  if (authorization?.status === "pending") {
    if (authorization.expires_at > job.claimed_at)
      return { kind: "waiting", expiresAt: authorization.expires_at };
    await expire(db, authorization);
    return { kind: "ended", status: "expired" };
  }
  return begin(given, job, authorization);
}

async function begin(given: Step, job: ClaimedJob, authorization: Authorization | null): Promise<Outcome> {
  try {
    const run = prepareRun(given, job, authorization);
    if (job.dry_run) return await dryRun(run, await attempt(run, "preview"));
    if (authorization) return await runApproved(run, authorization, given.options);
    return await runOrPark(run, given);
  } catch (error) {
    if (error instanceof CrmError) return fail(given.db, job, error.body);
    throw error;
  }
}

/** Runs an approved job. Commits if its digest matches the approved preview, otherwise asks again. */
async function runApproved(
  run: Run,
  authorization: Authorization,
  { authorizationTtlMs }: ExecuteOptions,
): Promise<Outcome> {
  const done = await attempt(run, "approved");
  if (done.snapshot?.digest === authorization.digest) return complete(run, done);
  await done.undo();
  return supersede(run, authorization, { seen: done, ttlMs: authorizationTtlMs });
}

async function runOrPark(run: Run, { path, needs, options }: Step): Promise<Outcome> {
  // A preview may take seconds. park() checks again, under locks.
  if (needs === "requires_authorization") await checkPending(run, namedTargets(run), options.mostPending);
  for (let ask = path === "preview"; ; ask = true) {
    if (ask) {
      const preview = await attempt(run, "preview");
      if (preview.level === "requires_authorization") return park(run, preview, options);
      if (above(preview.level, run.allowed)) throw reasoningRequired(run.job.action);
      // Otherwise another job has removed the reason to ask since the attempt before.
    }
    const done = await attempt(run, "commit");
    if (!done.exceeded) return complete(run, done);
  }
}

const namedTargets = ({ action, input }: Run): ReadonlySet<string> => new Set(action.targets?.(input));

async function complete(run: Run, done: Attempt): Promise<Outcome> {
  const { db, job, authorization } = run;
  const allowed_by = authorization?.id ?? done.rule?.id ?? null;
  const ended = [
    job.id,
    JSON.stringify(done.result ?? null),
    done.level,
    allowed_by,
    [...done.hits, ...done.cascaded],
    run.action.outcome?.(done.result) ?? null,
  ];
  try {
    await rows(db, COMPLETE, ended);
    await endRecordRules(run, done.mergedInto);
    if (authorization?.upgrade_permission) await writeRule(run, authorization, done);
    if (done.rule) await countUse(db, done.rule);
    return { kind: "ended", status: "completed", result: done.result };
  } catch (error) {
    const refused = refusalOf(error, db.dataSource) ?? error;
    await done.undo(refused);
    throw refused;
  }
}

/** Stores the refusal in the row. The handler's writes are already rolled back. */
async function fail(db: EntityManager, job: ClaimedJob, error: ErrorBody): Promise<Outcome> {
  await rows(
    db,
    "UPDATE job SET status = 'failed', error = $2, finished_at = clock_timestamp() WHERE id = $1",
    [job.id, JSON.stringify(error)],
  );
  return { kind: "ended", status: "failed", error };
}

async function dryRun({ db, job }: Run, { level, causes, snapshot }: Attempt): Promise<Outcome> {
  const reason = causes.map((cause) => cause.reason).join("; ") || null;
  const result = { permission: level, reason, facts: snapshot?.facts, preview: snapshot?.preview };
  await rows(
    db,
    "UPDATE job SET status = 'completed', result = $2, level = $3, finished_at = clock_timestamp() WHERE id = $1",
    [job.id, JSON.stringify(result), level],
  );
  return { kind: "ended", status: "completed" };
}

const reasoningRequired = (action: string) =>
  new CrmError("reasoning_required", `${action} needs your reasoning before it runs.`, {
    fields: [{ path: "reasoning", message: "is missing: give the reason in one sentence" }],
    hint: "Send it again with `reasoning`.",
  });

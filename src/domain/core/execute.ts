import type { DataSource, EntityManager } from "typeorm";
import { prepared, rows } from "../../entities/database.ts";
import type { SentChannel } from "../../entities/message.ts";
import { expire, liveAuthorization, park, supersede } from "../authorization/park.ts";
import { countUse, writeRule } from "../authorization/rules.ts";
import { attempt, type Attempt, type ClaimedJob, type Run, Setback } from "./attempt.ts";
import { CrmError, type ErrorBody } from "./errors.ts";
import { refusalOf } from "./constraints.ts";
import { parseInput } from "./input.ts";
import { allowedFor, fitsAudience } from "./judge.ts";
import type { Outcome } from "./outcome.ts";
import { above } from "./permission.ts";
import type { Registry } from "./registry.ts";

export interface ExecuteOptions {
  /** How long a parked request waits for a person. */
  authorizationTtlMs: number;
  /** Messages that go out from here; left out, all stay in the outbox. */
  channels?: ReadonlySet<SentChannel>;
  /** Another clock than the database's: the demo business lives in its own past. */
  now?: Date;
}

/** What writing `xid` into a job's row returns: from then on the transaction acts for that job. */
export const CLAIMED = `id, action, input, reasoning, dry_run, principal, principal_kind, principal_name, status,
  clock_timestamp() AS claimed_at, set_config('countersign.job_id', id, true)`;

const CLAIM = prepared(
  `UPDATE job SET xid = pg_current_xact_id()::text, started_at = coalesce(started_at, clock_timestamp())
   WHERE id = $1 AND finished_at IS NULL RETURNING ${CLAIMED}`,
);

const COMPLETE = prepared(
  `UPDATE job SET status = 'completed', result = $2, level = $3, allowed_by = $4, hits = $5,
     finished_at = clock_timestamp() WHERE id = $1`,
);

/**
 * Carries a job one step on, in one transaction: does it, parks it, or closes it. The row alone decides which, so it
 * does no harm to call this twice, too early, or for a job that somebody made up.
 * Most jobs meet no obstacle, so it is tried plainly first; one that does is begun anew, with savepoints.
 * Throws only what is not expected (a lost connection, a bug): then nothing has happened.
 */
export async function execute(
  dataSource: DataSource,
  registry: Registry,
  jobId: string,
  options: ExecuteOptions,
): Promise<Outcome> {
  try {
    return await dataSource.transaction((db) => step({ db, registry, jobId, plain: true }, options));
  } catch (error) {
    if (!(error instanceof Setback || refusalOf(error))) throw error; // COMMIT refuses where a constraint was deferred.
  }
  return dataSource.transaction((db) => step({ db, registry, jobId, plain: false }, options));
}

/**
 * Carries out a job that the running transaction has written and CLAIMED, plainly: throws Setback where something stands
 * in its way, and nothing of that transaction may stay.
 */
export const executeOwn = (
  db: EntityManager,
  registry: Registry,
  job: ClaimedJob,
  options: ExecuteOptions,
): Promise<Outcome> => begin({ db, registry, plain: true, job, authorization: null }, options);

type House = Pick<Run, "db" | "registry" | "plain">;

async function step(
  { jobId, ...house }: House & { jobId: string },
  options: ExecuteOptions,
): Promise<Outcome> {
  const { db } = house;
  const job = await claim(db, jobId);
  if (!job) return { kind: "absent" };
  const authorization = job.status === "authorization_required" ? await liveAuthorization(db, jobId) : null;
  if (authorization?.status === "pending") {
    if (authorization.expires_at > job.claimed_at)
      return { kind: "waiting", expiresAt: authorization.expires_at };
    await expire(db, authorization);
    return { kind: "ended", status: "expired" };
  }
  return begin({ ...house, job, authorization }, options);
}

type Begun = House & Pick<Run, "job" | "authorization">;

async function begin(given: Begun, options: ExecuteOptions): Promise<Outcome> {
  const { db, job } = given;
  try {
    return await carryOut(db, prepare(given, options), options);
  } catch (error) {
    if (error instanceof CrmError) return fail(db, job, error.body);
    throw error;
  }
}

/**
 * Takes the job for this transaction: the change triggers accept writes only under it. Waits for whoever holds the row
 * (a decision, another worker) and reads it anew then; a holder that hangs ends in a lock timeout, and a retry.
 */
async function claim(db: EntityManager, jobId: string): Promise<ClaimedJob | undefined> {
  const [job] = await rows<ClaimedJob>(db, CLAIM, [jobId]);
  return job;
}

function prepare({ db, registry, plain, job, authorization }: Begun, options: ExecuteOptions): Run {
  const [domain = "", name = ""] = job.action.split(".");
  const action = registry.action(domain, name);
  fitsAudience(action, job.principal_kind);
  return {
    db,
    registry,
    job,
    action,
    input: parseInput(action, job.input),
    authorization,
    allowed: authorization ? "requires_authorization" : allowedFor(job),
    now: options.now ?? job.claimed_at,
    plain: plain && !authorization && !job.dry_run,
    channels: options.channels ?? new Set(),
  };
}

async function carryOut(db: EntityManager, run: Run, options: ExecuteOptions): Promise<Outcome> {
  const { job, authorization } = run;
  if (job.dry_run) return dryRun(run, await attempt(run, "preview"));
  const first = await attempt(run, authorization ? "approved" : "commit");
  if (authorization && first.sight?.digest !== authorization.digest) {
    await first.undo();
    return supersede(run, authorization, first, options.authorizationTtlMs);
  }
  if (!first.exceeded) return complete(db, run, first);

  const preview = await attempt(run, "preview");
  if (preview.level === "requires_authorization") return park(run, preview, options.authorizationTtlMs);
  if (above(preview.level, run.allowed)) throw reasoningRequired(job.action);
  return carryOut(db, run, options); // Between the two tries another job took the reason to ask away.
}

async function complete(db: EntityManager, run: Run, done: Attempt): Promise<Outcome> {
  const { job, authorization } = run;
  const allowed_by = authorization?.id ?? done.rule?.id ?? null;
  const ended = [job.id, JSON.stringify(done.result ?? null), done.level, allowed_by, [...done.hits]];
  try {
    await rows(db, COMPLETE, ended);
    if (authorization?.upgrade_permission) await writeRule(db, job, authorization);
    if (done.rule) await countUse(db, done.rule);
    return { kind: "ended", status: "completed", result: done.result };
  } catch (error) {
    const refused = refusalOf(error) ?? error;
    await done.undo(refused);
    throw refused;
  }
}

/** Keeps the refusal on the row; whatever the handler wrote is rolled back already. */
async function fail(db: EntityManager, job: ClaimedJob, error: ErrorBody): Promise<Outcome> {
  await rows(
    db,
    "UPDATE job SET status = 'failed', error = $2, finished_at = clock_timestamp() WHERE id = $1",
    [job.id, JSON.stringify(error)],
  );
  return { kind: "ended", status: "failed", error };
}

async function dryRun({ db, job }: Run, { level, causes, sight }: Attempt): Promise<Outcome> {
  const reason = causes.map((cause) => cause.reason).join("; ") || null;
  const result = { permission: level, reason, facts: sight?.facts, preview: sight?.preview };
  await rows(
    db,
    "UPDATE job SET status = 'completed', result = $2, level = $3, finished_at = clock_timestamp() WHERE id = $1",
    [job.id, JSON.stringify(result), level],
  );
  return { kind: "ended", status: "completed" };
}

const reasoningRequired = (action: string) =>
  new CrmError("reasoning_required", `${action} needs your reasoning before it runs.`, {
    fields: [{ path: "reasoning", message: "is missing: say in a sentence why you do this" }],
    hint: "Send it again with `reasoning`.",
  });

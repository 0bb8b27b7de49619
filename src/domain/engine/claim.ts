import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../database/sql.ts";
import type { Authorization } from "../../entities/authorization.ts";
import type { SentChannel } from "../core/action.ts";
import { checkAudience, checkLinkedRecord } from "../core/audience.ts";
import type { Clock } from "../core/clock.ts";
import { parseStored } from "../core/input.ts";
import type { Registry } from "../core/registry.ts";
import { actorOf } from "./attempt.ts";
import { allowedFor } from "./judge.ts";
import type { ClaimedJob, Run, TraceStep } from "./run.ts";

/** RETURNING list of a statement that writes `xid` to a job's row. From then on the transaction acts for that job. */
export const CLAIMED_COLUMNS = `id, action, input, reasoning, dry_run, principal, principal_kind, principal_name, status,
  clock_timestamp() AS claimed_at, set_config('countersign.job_id', id, true)`;

const CLAIM = prepared(
  `UPDATE job SET xid = pg_current_xact_id()::text, started_at = coalesce(started_at, clock_timestamp())
   WHERE id = $1 AND finished_at IS NULL RETURNING ${CLAIMED_COLUMNS}`,
);

/**
 * Claims the job for this transaction: the change triggers accept writes only under a claimed job. Waits for a
 * transaction that holds the row (a decision, another worker) and reads the row as that one left it. If the holder hangs,
 * the claim fails with a lock timeout and the queue retries.
 */
export async function claim(db: EntityManager, jobId: string): Promise<ClaimedJob | undefined> {
  const [job] = await rows<ClaimedJob>(db, CLAIM, [jobId]);
  return job;
}

/** What a run needs beside its job. */
export interface RunOptions {
  /** The configured channels. Messages of all others stay in the outbox. */
  channels?: ReadonlySet<SentChannel>;
  /** Base of links in messages. */
  publicUrl?: string;
  /** The clock that actions read, read once per execution. Default: the database's clock at the claim. */
  clock?: Clock | undefined;
  /** Called after each step of a job. */
  trace?: (step: TraceStep) => void;
}

interface Given {
  db: EntityManager;
  registry: Registry;
  path: string;
  options: RunOptions;
}

/** Where `npm start` listens. */
const DEFAULT_PUBLIC_URL = "http://localhost:8000";

/** A claimed job as it is attempted. What a person made of the request replaces the data that was sent. */
export function prepareRun(
  { db, registry, path, options }: Given,
  job: ClaimedJob,
  authorization: Authorization | null,
): Run {
  const action = registry.action(job.action);
  const input = parseStored(action, authorization?.data ?? job.input);
  checkAudience(action, job.principal_kind);
  checkLinkedRecord(action, actorOf(job), input);
  return {
    db,
    registry,
    job,
    action,
    input,
    authorization,
    allowed: authorization ? "requires_authorization" : allowedFor(job),
    now: options.clock?.now() ?? job.claimed_at,
    trace: options.trace,
    fastPath: path === "fast" && !authorization && !job.dry_run,
    channels: options.channels ?? new Set(),
    publicUrl: options.publicUrl ?? DEFAULT_PUBLIC_URL,
  };
}

import { rows } from "../../../database/sql.ts";
import { conflict, CrmError } from "../../core/errors.ts";
import type { Attempt } from "../attempt.ts";
import type { Run } from "../run.ts";

/** Requests of one agent that may wait for a person at the same time, unless the operator says otherwise. */
export const MOST_PENDING = 100;

/** Requests of all agents that may wait for a person at the same time for one record and action. */
export const MOST_PENDING_PER_RECORD = 3;

/** An error lists at most so many of the requests that wait. */
const MOST_NAMED = 5;

/** A request that waits for a person. */
interface Pending {
  queue_id: string;
  job_id: string;
  principal: string;
  records: string[];
}

const PENDING = `SELECT a.id AS queue_id, a.job_id, j.principal, a.records
  FROM "authorization" a JOIN job j ON j.id = a.job_id
  WHERE a.status = 'pending' AND a.expires_at > clock_timestamp()`;

/**
 * Takes two locks, always in this order, until the transaction ends, and then checks the limits: concurrent requests
 * cannot use the same remaining place.
 */
export async function limitPending(run: Run, { targets }: Attempt, most?: number): Promise<void> {
  const { db, job } = run;
  if (job.principal_kind !== "agent") return;
  await rows(db, "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [job.principal]);
  if (targets.size > 0) await rows(db, "SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", [job.action]);
  await checkPending(run, targets, most);
}

/**
 * Refuses an agent's request for these records that would be one too many for the people who decide. Without the locks
 * of `limitPending` this is a cheap check before a costly preview.
 */
export async function checkPending(
  { db, job }: Run,
  targets: ReadonlySet<string>,
  most = MOST_PENDING,
): Promise<void> {
  if (job.principal_kind !== "agent") return;
  const own = await rows<Pending>(db, `${PENDING} AND j.principal = $1 ORDER BY a.id`, [job.principal]);
  if (own.length >= most) throw tooManyPending(most, own);
  if (targets.size === 0) return;
  const same = await rows<Pending>(
    db,
    `${PENDING} AND j.principal_kind = 'agent' AND j.action = $1 AND a.records && $2 ORDER BY a.id`,
    [job.action, [...targets]],
  );
  for (const record of targets) {
    const waiting = same.filter(({ records }) => records.includes(record));
    if (waiting.length >= MOST_PENDING_PER_RECORD) throw tooManyFor(job, record, waiting);
  }
}

const named = (pending: readonly Pending[]) =>
  pending.slice(0, MOST_NAMED).map(({ queue_id, job_id }) => ({ queue_id, job_id }));

const tooManyPending = (most: number, own: readonly Pending[]): CrmError =>
  new CrmError(
    "rate_limited",
    `Too many: ${own.length} of your requests wait for a person, the limit is ${most}.`,
    {
      hint: "Ask the person to decide the ones that wait, or withdraw some (POST /api/jobs/{job_id}/withdraw); then send it again.",
      retryable: true,
      extra: { limit: `${most} requests per token that wait for a person`, pending: named(own) },
    },
  );

/** Names only the agent's own requests: it may not know of others. */
function tooManyFor(job: Run["job"], record: string, waiting: readonly Pending[]): CrmError {
  const own = waiting.filter(({ principal }) => principal === job.principal);
  const others = waiting.length - own.length;
  const which = [...own.map(({ job_id }) => job_id), ...(others > 0 ? [`${others} of other agents`] : [])];
  return conflict(
    `${waiting.length} requests for ${job.action} of ${record} wait for a person already: ${which.join(", ")}.`,
    "Ask the person to decide them, or withdraw yours (POST /api/jobs/{job_id}/withdraw), before you ask again.",
    { pending: named(own) },
  );
}

import type { DataSource, EntityManager } from "typeorm";
import { prepared, rows } from "../database/sql.ts";
import { type Action, actionKey } from "../domain/core/action.ts";
import { batched } from "../database/batch.ts";
import { checkAudience } from "../domain/core/audience.ts";
import { digestOf } from "../domain/core/canonical.ts";
import { databaseFault } from "../domain/core/database-errors.ts";
import { type CrmError, rateLimited } from "../domain/core/errors.ts";
import { newId } from "../domain/core/ids.ts";
import { parseInput } from "../domain/core/input.ts";
import { localValuesOf } from "../domain/attribute/date-words.ts";
import { complete, type Completed, type LocalValue } from "../domain/core/local-values.ts";
import { referenceOf } from "../domain/settings/current.ts";
import type { Clock } from "../domain/core/clock.ts";
import type { Submission } from "./contract.ts";
import { findByKey, findBySentWords, sentAs } from "./known-jobs.ts";
import { MOST_RECORDS } from "../domain/core/permission.ts";
import { type Principal, principalKey } from "../domain/core/principal.ts";
import type { Registry } from "../domain/core/registry.ts";

/** Costly jobs of one agent that may be unfinished, unless the operator says otherwise. */
export const MOST_COSTLY = 8;

/** A caller that is refused should let one of its costly jobs end first: each takes up to some seconds. */
const RETRY_COSTLY_S = 3;

/** A job row. */
export interface Written {
  id: string;
  /** Created by this request: only then must it be enqueued. */
  fresh: boolean;
  /** Belongs into the queue for costly jobs. */
  costly: boolean;
}

/** A job row before it is written. */
interface NewJob {
  id: string;
  action: string;
  input: unknown;
  digest: string;
  sent_digest: string | null;
  reasoning: string | null;
  dry_run: boolean;
  costly: boolean;
  principal: string;
  principal_kind: Principal["kind"];
  principal_name: string;
  idempotency_key: string | null;
  understood: Record<string, string> | null;
  /** An agent's request: it returns an equal parked job instead of creating a second one. */
  repeatable: boolean;
}

// An agent that repeats a request, without a key or under a new one, gets the parked job, so that people are asked once.
// The new key is remembered for that job; a known key always means the job that it was used for first.
const WRITE = prepared(
  `WITH asked AS MATERIALIZED (
     SELECT * FROM json_to_recordset($1) AS asked (id text, action text, input jsonb, digest text, sent_digest text,
       reasoning text, dry_run boolean, costly boolean, principal text, principal_kind text, principal_name text, idempotency_key text,
       understood jsonb, repeatable boolean)),
   known AS MATERIALIZED (
     -- OFFSET 0: a few look-ups by index, whatever number of requests the planner expects.
     SELECT asked.id FROM asked CROSS JOIN LATERAL (
       SELECT FROM job WHERE principal = asked.principal AND idempotency_key = asked.idempotency_key OFFSET 0) AS first
     UNION ALL
     SELECT asked.id FROM asked CROSS JOIN LATERAL (
       SELECT FROM job_key k WHERE k.principal = asked.principal AND k.idempotency_key = asked.idempotency_key
       OFFSET 0) AS further),
   twin AS MATERIALIZED (
     SELECT asked.id AS asked, parked.ids[1] AS id, asked.principal, asked.idempotency_key, asked.sent_digest
     FROM asked CROSS JOIN LATERAL (
       -- Not min(): PostgreSQL would scan all jobs of the agent to find the first one.
       SELECT array_agg(job.id ORDER BY job.id) AS ids FROM job
       WHERE principal = asked.principal AND digest = asked.digest AND status = 'authorization_required') AS parked
     WHERE asked.repeatable AND parked.ids IS NOT NULL AND asked.id NOT IN (SELECT id FROM known)),
   refused AS MATERIALIZED (
     -- Requests under one key are one request and have the same rank. Parked jobs are not counted: they cost nothing.
     SELECT id FROM (
       SELECT asked.id, unfinished.count
         + dense_rank() OVER (PARTITION BY asked.principal ORDER BY coalesce(asked.idempotency_key, asked.id)) AS nth
       FROM asked CROSS JOIN LATERAL (
         SELECT count(*) FROM job
         WHERE principal = asked.principal AND job.costly AND status IN ('queued', 'running')) AS unfinished
       WHERE asked.costly AND asked.id NOT IN (SELECT asked FROM twin UNION ALL SELECT id FROM known)) AS counted
     WHERE nth > $2),
   remembered AS (
     INSERT INTO job_key (principal, idempotency_key, job_id, sent_digest)
     SELECT principal, idempotency_key, id, sent_digest FROM twin WHERE idempotency_key IS NOT NULL
     ON CONFLICT DO NOTHING),
   written AS (
     INSERT INTO job (id, action, input, digest, sent_digest, reasoning, dry_run, costly, principal, principal_kind,
       principal_name, idempotency_key, understood, dispatches, dispatched_at)
     SELECT id, action, input, digest, sent_digest, reasoning, dry_run, costly, principal, principal_kind, principal_name,
       idempotency_key, understood, 1, clock_timestamp()
     FROM asked
     WHERE id NOT IN (SELECT asked FROM twin UNION ALL SELECT id FROM known UNION ALL SELECT id FROM refused)
     ON CONFLICT (principal, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id)
   SELECT id AS asked, id, true AS fresh FROM written UNION ALL SELECT asked, id, false FROM twin`,
);

/** Validates a request and writes its job row. The row makes the job durable. */
export type JobWriter = (actor: Principal, submission: Submission) => Promise<Written>;

interface WriterOptions {
  /** Says what words for a time mean, such as "tomorrow". */
  clock: Clock;
  mostCostly?: number;
}

/** Batches concurrent requests into one statement. Each request gets its own result. */
export function makeJobWriter(
  db: DataSource,
  registry: Registry,
  { clock, mostCostly = MOST_COSTLY }: WriterOptions,
): JobWriter {
  const write = batched((jobs: NewJob[]) => insertJobs(db.manager, jobs, mostCostly), isRefused);
  const writeCostly = batched((jobs: NewJob[]) => insertCostly(db, jobs, mostCostly), isRefused);
  const wordsOf = (actor: Principal, { domain, action: name, data }: Submission): Promise<LocalValue[]> => {
    const action = registry.action(actionKey({ domain, name }));
    checkAudience(action, actor.kind);
    return localValuesOf(db.manager, action, data);
  };
  /** Words for a time mean what they mean now, also where the job runs after midnight or is approved days later. */
  const completed = async (submission: Submission, words: readonly LocalValue[]): Promise<Completed> =>
    complete(submission.data, words, await referenceOf(db.manager, clock.now()));
  return async (actor, submission) => {
    const words = await wordsOf(actor, submission);
    const sent = words.length > 0 ? sentAs(actor, submission) : undefined;
    // First: what has been accepted may be past now.
    const known = sent?.idempotency_key ? await findBySentWords(db, sent) : undefined;
    if (known) return known;
    const meant = { ...submission, ...(sent && (await completed(submission, words))) };
    const job = newJob(registry, actor, { ...meant, sent_digest: sent?.sent_digest });
    const written = await (job.costly ? writeCostly(job) : write(job));
    const found = written ?? (job.idempotency_key === null ? undefined : await findByKey(db, job));
    if (!found) throw tooManyCostly(mostCostly); // Neither written nor known: only the limit does that.
    return { ...found, costly: job.costly };
  };
}

/** An action's data with words for a time in the place of what they mean now. */
export async function completedData<Data>(
  db: DataSource,
  clock: Clock,
  { action, data }: { action: Action; data: Data },
): Promise<Data> {
  const words = await localValuesOf(db.manager, action, data);
  if (words.length === 0) return data;
  return complete(data, words, await referenceOf(db.manager, clock.now())).data as Data; // Only texts were replaced.
}

/**
 * Whether a request may take much longer than others: an agent's dry run, which always computes a preview, an undo,
 * whose input does not tell how many records it writes, or a request that names more records than it may change
 * without a person. People are not limited.
 */
const isCostly = (
  actor: Principal,
  action: Action,
  { input, dry_run }: { input: unknown; dry_run: boolean },
) =>
  actor.kind === "agent" &&
  (dry_run || action.standsFor !== undefined || (action.targets?.(input) ?? []).length > MOST_RECORDS);

const tooManyCostly = (most: number): CrmError =>
  rateLimited(
    `${most} unfinished dry runs, undos and requests for more than ${MOST_RECORDS} records per token`,
    RETRY_COSTLY_S,
  );

type Meant = Submission & Partial<Completed> & { sent_digest?: string | undefined };

function newJob(registry: Registry, actor: Principal, submission: Meant): NewJob {
  const { understood = {} } = submission;
  const key = actionKey({ domain: submission.domain, name: submission.action });
  const action = registry.action(key);
  const parsed = parseInput(action, submission.data); // The row stores what was sent, and the worker parses it again.
  const input = submission.data ?? {};
  const dry_run = submission.dry_run ?? false;
  return {
    id: newId("job"),
    action: key,
    input,
    digest: digestOf({ action: key, input: parsed, dry_run }), // Equal requests may be written differently.
    sent_digest: submission.sent_digest ?? null,
    reasoning: submission.reasoning ?? null,
    dry_run,
    costly: isCostly(actor, action, { input: parsed, dry_run }),
    principal: principalKey(actor),
    principal_kind: actor.kind,
    principal_name: actor.name,
    idempotency_key: submission.idempotency_key ?? null,
    understood: Object.keys(understood).length > 0 ? understood : null,
    repeatable: actor.kind === "agent",
  };
}

type Inserted = Omit<Written, "costly"> | undefined;

/** One lock for all processes, so that two cannot use the same remaining place. The transaction takes milliseconds. */
const insertCostly = (db: DataSource, jobs: NewJob[], most: number): Promise<Inserted[]> =>
  db.transaction(async (within) => {
    await rows(within, "SELECT pg_advisory_xact_lock(hashtext('countersign.costly'))");
    return insertJobs(within, jobs, most);
  });

async function insertJobs(db: EntityManager, jobs: NewJob[], mostCostly: number): Promise<Inserted[]> {
  const written = await rows<{ asked: string; id: string; fresh: boolean }>(db, WRITE, [
    JSON.stringify(jobs),
    mostCostly,
  ]);
  const byRequest = new Map(written.map(({ asked, id, fresh }) => [asked, { id, fresh }]));
  return jobs.map(({ id }) => byRequest.get(id));
}

/** The database refused a value in the statement: nothing was written. */
const isRefused = (error: unknown): boolean => databaseFault(error) === "refused";

import type { EntityManager } from "typeorm";
import type { Authorization } from "../../entities/authorization.ts";
import { rows } from "../../entities/database.ts";
import type { Attempt, Run } from "../core/attempt.ts";
import type { Outcome } from "../core/outcome.ts";
import { newId, prefixOf } from "../core/ids.ts";
import type { Moved, Preview } from "../core/ports.ts";
import { labelOf, whatMoved } from "../core/preview.ts";

/** The question that a job waits on: pending, or answered and not yet acted on. Locked. */
export async function liveAuthorization(db: EntityManager, jobId: string): Promise<Authorization | null> {
  const [live] = await rows<Authorization>(
    db,
    `SELECT * FROM "authorization" WHERE job_id = $1 AND status IN ('pending', 'authorized') FOR UPDATE`,
    [jobId],
  );
  return live ?? null;
}

/** Asks a person: keeps what would happen, and lets the job wait `ttlMs` from now, or as long as settings say. */
export async function park(run: Run, seen: Attempt, ttlMs: number): Promise<Outcome> {
  return ask(run, seen, ttlMs, newId("auth"), []);
}

async function ask(run: Run, seen: Attempt, ttlMs: number, id: string, moved: Moved[]): Promise<Outcome> {
  const expiresAt = await writeAuthorization(run, id, seen, ttlMs, moved);
  const [job] = await rows<{ dispatches: number }>(
    run.db,
    `UPDATE job SET status = 'authorization_required', level = $2, dispatches = dispatches + 1,
       dispatched_at = clock_timestamp() WHERE id = $1 RETURNING dispatches`,
    [run.job.id, "requires_authorization"],
  );
  return { kind: "parked", expiresAt, dispatch: job?.dispatches ?? 0 };
}

/** The records moved on between the question and the answer: asks again, and shows what moved. */
export async function supersede(
  run: Run,
  old: Authorization,
  seen: Attempt,
  ttlMs: number,
): Promise<Outcome> {
  const shown = { facts: old.facts, preview: old.preview as Preview };
  const moved = seen.sight ? whatMoved(shown, seen.sight) : [];
  const id = newId("auth");
  await rows(run.db, `UPDATE "authorization" SET status = 'superseded', superseded_by = $2 WHERE id = $1`, [
    old.id,
    id,
  ]);
  return ask(run, seen, ttlMs, id, moved);
}

/** Nobody answered in time. */
export async function expire(db: EntityManager, { id, job_id }: Authorization): Promise<void> {
  await rows(db, `UPDATE "authorization" SET status = 'expired' WHERE id = $1`, [id]);
  await rows(db, "UPDATE job SET status = 'expired', finished_at = clock_timestamp() WHERE id = $1", [
    job_id,
  ]);
}

async function writeAuthorization(
  run: Run,
  id: string,
  { sight, causes }: Attempt,
  ttlMs: number,
  moved: Moved[],
): Promise<Date> {
  const { db, job } = run;
  const reason =
    causes.map((cause) => cause.reason).join("; ") || "The records have changed since it was allowed";
  const [written] = await rows<{ expires_at: Date }>(
    db,
    `INSERT INTO "authorization" (id, job_id, title, reason, causes, facts, preview, digest, moved, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() +
       coalesce((SELECT make_interval(hours => authorization_ttl_hours) FROM settings), make_interval(secs => $10)))
     RETURNING expires_at`,
    [
      id,
      job.id,
      await titleOf(run),
      reason,
      [...new Set(causes.map((cause) => cause.kind))],
      JSON.stringify(sight?.facts ?? {}),
      JSON.stringify(sight?.preview ?? {}),
      sight?.digest ?? "",
      JSON.stringify(moved),
      ttlMs / 1000,
    ],
  );
  if (!written) throw new Error("an insert returned no row");
  return written.expires_at;
}

/** `Delete customer: Johnson Family` */
async function titleOf({ db, registry, action, input }: Run): Promise<string> {
  const noun = registry.domains.find(({ domain }) => domain === action.domain)?.noun ?? action.domain;
  const verb = action.name.replaceAll("_", " ");
  const [target] = action.targets?.(input) ?? [];
  const label = target && (await labelOf(db, prefixOf(target) ?? "", target));
  return `${verb[0]?.toUpperCase()}${verb.slice(1)} ${noun}${label ? `: ${label}` : ""}`;
}

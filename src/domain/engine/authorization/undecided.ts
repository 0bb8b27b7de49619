import type { EntityManager } from "typeorm";
import { rows } from "../../../database/sql.ts";
import type { Job } from "../../../entities/job.ts";
import { conflict, type CrmError, forbidden } from "../../core/errors.ts";
import { type Principal, principalKey } from "../../core/principal.ts";
import { type AuthorizationRow, lockAuthorization, readAuthorization } from "./view.ts";

/**
 * A pending authorization and its job, both locked until the transaction ends. Throws if this person may not decide it,
 * and `conflict` if somebody was faster. Of concurrent decisions and edits only one gets past this.
 */
export async function lockUndecided(
  db: EntityManager,
  actor: Principal,
  id: string,
): Promise<{ row: AuthorizationRow; job: Job }> {
  // A losing decision must not lock the job's row, because it would delay the worker that acts on the winning one.
  await rows(db, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [id]);
  const { job_id } = undecided(actor, await readAuthorization(db, actor, id));
  const job = await lockJob(db, job_id); // Job before authorization, as the workers do: no deadlock.
  const row = undecided(actor, await lockAuthorization(db, actor, id));
  if (job.finished_at) throw alreadyEnded(job);
  return { row, job };
}

async function lockJob(db: EntityManager, id: string): Promise<Job> {
  const [job] = await rows<Job>(db, "SELECT * FROM job WHERE id = $1 FOR UPDATE", [id]);
  if (!job) throw new Error("an authorization without its job");
  return job;
}

/** Throws if this person may not decide it or it is already decided. */
export function undecided(actor: Principal, row: AuthorizationRow): AuthorizationRow {
  mayDecideThis(actor, row);
  if (row.status !== "pending") throw alreadyDecided(row);
  return row;
}

/** Only an owner may decide requests of office people, requests of their own, and what office people made of a request. */
function mayDecideThis(actor: Principal, row: AuthorizationRow): void {
  if (actor.kind === "owner") return;
  const hint = "Ask the owner to open /authorizations.";
  if (row.principal_kind === "office" || row.principal === principalKey(actor))
    throw forbidden("Only the owner decides what office people ask for.", hint);
  if (row.edited_by_kind === "office" && row.causes.length > 0)
    throw forbidden(
      `${row.edited_by_name} of the office changed this request, and it still needs a person: only the owner decides it.`,
      hint,
    );
}

function alreadyDecided(row: AuthorizationRow): CrmError {
  const { status, superseded_by, decided_by_name, changed_by } = row;
  const winner = {
    status,
    decided_by: decided_by_name,
    decided_at: row.decided_at?.toISOString() ?? null,
    ...(changed_by !== null && { edited_by: changed_by }),
  };
  if (changed_by !== null)
    return conflict(`${changed_by} has changed this request.`, `Decide ${superseded_by} instead.`, {
      winner,
    });
  const by = decided_by_name ? ` by ${decided_by_name}` : "";
  const hint = superseded_by
    ? `It was replaced because the records changed: decide ${superseded_by} instead.`
    : "There is nothing more to do; the first decision is final.";
  return conflict(`This request is already ${status}${by}.`, hint, { winner });
}

const alreadyEnded = ({ status, finished_at }: Job): CrmError =>
  conflict(
    `The job of this request has already ended as ${status}.`,
    "Nothing more to do here; let the agent ask again if it is still wanted.",
    { winner: { status, decided_by: null, decided_at: finished_at?.toISOString() ?? null } },
  );

export const pastExpiry = ({ expires_at }: AuthorizationRow): CrmError =>
  conflict(
    `This request expired at ${expires_at.toISOString()}.`,
    "Let the agent ask again if it is still wanted.",
    { winner: { status: "expired", decided_by: null, decided_at: expires_at.toISOString() } },
  );

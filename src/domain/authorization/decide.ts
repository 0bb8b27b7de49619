import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../entities/database.ts";
import type { Job } from "../../entities/job.ts";
import { conflict, CrmError, forbidden, validationFailed } from "../core/errors.ts";
import type { AuthorizationView, Decision } from "../core/ports.ts";
import { mayDecide, type Principal, principalKey, refuseDecision } from "../core/principal.ts";
import { type AuthorizationRow, authorizationView, readAuthorization } from "./view.ts";

/** How far "Allow Always" may reach; leaving all out means this action for this agent. */
export const ruleScope = z.strictObject({
  record_id: z.string().max(100).optional(),
  max_amount_cents: z.int().min(0).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  max_uses: z.int().min(1).optional(),
});

export interface Decided {
  view: AuthorizationView;
  jobId: string;
  /** The dispatch whose timer waits in the queue, and the next free one. */
  timer: number;
  next: number;
}

/**
 * One person's decision, compare-and-set: of many at once one wins, the others get `conflict` with the winner.
 * The expiry is judged by the database's clock in the same statement.
 */
export async function decide(
  dataSource: DataSource,
  actor: Principal,
  id: string,
  decision: Decision,
): Promise<Decided> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  if (decision.scope && !(decision.upgradePermission && decision.decision === "authorized")) {
    throw validationFailed([
      { path: "scope", message: "narrows a rule: it goes with upgrade_permission: true" },
    ]);
  }
  return dataSource.transaction(async (db) => {
    // Whoever comes too late must not touch the job's row: the worker that acts on the decision skips a locked one.
    await rows(db, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [id]);
    const { job_id } = undecided(actor, await readAuthorization(db, actor, id));
    const job = await lockJob(db, job_id); // Job before authorization, as the workers do: no deadlock.
    const row = undecided(actor, await readAuthorization(db, actor, id, true));
    checkView(row, decision.viewHash);
    await write(db, actor, row, decision);
    const view = authorizationView(await readAuthorization(db, actor, id));
    return { view, jobId: job.id, timer: job.dispatches, next: job.dispatches + 1 };
  });
}

async function lockJob(db: EntityManager, id: string): Promise<Job> {
  const [job] = await rows<Job>(db, "SELECT * FROM job WHERE id = $1 FOR UPDATE", [id]);
  if (!job) throw new Error("an authorization without its job");
  return job;
}

/** Office asks the owner; nobody but an owner decides a request of their own. */
function mayDecideThis(actor: Principal, { principal, principal_kind }: AuthorizationRow): void {
  if (actor.kind === "owner") return;
  if (principal_kind !== "office" && principal !== principalKey(actor)) return;
  throw forbidden(
    "Only the owner decides what office people ask for.",
    "Ask the owner to open /authorizations.",
  );
}

/** Throws where this person may not decide it, or somebody has. */
function undecided(actor: Principal, row: AuthorizationRow): AuthorizationRow {
  mayDecideThis(actor, row);
  if (row.status !== "pending") throw alreadyDecided(row);
  return row;
}

/** What the person saw must be what is there. */
function checkView(row: AuthorizationRow, seen: string | undefined): void {
  const view = authorizationView(row);
  if (seen === undefined || seen === view.view_hash) return;
  throw conflict(
    "What would happen is not what you were shown.",
    "Look at the new view and decide on that.",
    { view },
  );
}

async function write(
  db: EntityManager,
  actor: Principal,
  row: AuthorizationRow,
  decision: Decision,
): Promise<void> {
  const always = decision.decision === "authorized" && decision.upgradePermission === true;
  const [won] = await rows<{ id: string }>(
    db,
    `UPDATE "authorization" SET status = $2, decided_by = $3, decided_by_name = $4, decided_at = clock_timestamp(),
       note = $5, upgrade_permission = $6, scope = $7
     WHERE id = $1 AND status = 'pending' AND expires_at > clock_timestamp() RETURNING id`,
    [
      row.id,
      decision.decision,
      actor.id,
      actor.name,
      decision.notes || null,
      always,
      always ? JSON.stringify(decision.scope ?? {}) : null,
    ],
  );
  if (!won) throw pastExpiry(row);
  const ended = decision.decision === "denied" ? ", status = 'denied', finished_at = clock_timestamp()" : "";
  await rows(db, `UPDATE job SET dispatches = dispatches + 1${ended} WHERE id = $1`, [row.job_id]);
}

function alreadyDecided(row: AuthorizationRow): CrmError {
  const winner = {
    status: row.status,
    decided_by: row.decided_by_name,
    decided_at: row.decided_at?.toISOString() ?? null,
  };
  const by = row.decided_by_name ? ` by ${row.decided_by_name}` : "";
  const hint = row.superseded_by
    ? `It was replaced because the records moved on: decide ${row.superseded_by} instead.`
    : "Nothing more to do here; the first decision stands.";
  return conflict(`This request is already ${row.status}${by}.`, hint, { winner });
}

const pastExpiry = (row: AuthorizationRow) =>
  conflict(
    `This request expired at ${row.expires_at.toISOString()}.`,
    "Let the agent ask again if it is still wanted.",
    {
      winner: { status: "expired", decided_by: null, decided_at: row.expires_at.toISOString() },
    },
  );

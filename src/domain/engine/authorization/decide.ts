import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../../database/sql.ts";
import type { Job } from "../../../entities/job.ts";
import { conflict, CrmError, forbidden, validationFailed } from "../../core/errors.ts";
import {
  type AuthorizationRow,
  authorizationView,
  type AuthorizationView,
  lockAuthorization,
  readAuthorization,
} from "./view.ts";
import type { Preview } from "../preview.ts";
import { recordFault } from "./scope-faults.ts";
import { mayDecide, type Principal, principalKey, refuseDecision } from "../../core/principal.ts";
import type { RuleScope } from "../../../entities/rule-scope.ts";

/** Limits of an "Allow Always" rule. Without any, it covers every call of the action by the agent. */
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
 * Stores one person's decision by compare-and-set: of concurrent ones, one wins and the others get `conflict` with it.
 * The expiry is judged by the database's clock in the same statement.
 */
export async function decide(
  dataSource: DataSource,
  actor: Principal,
  { id, ...decision }: Decision & { id: string },
): Promise<Decided> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  if (decision.scope && !(decision.upgrade_permission && decision.decision === "authorized")) {
    throw validationFailed([
      { path: "scope", message: "limits an Allow Always: send upgrade_permission: true with it" },
    ]);
  }
  return dataSource.transaction(async (db) => {
    // A losing decision must not lock the job's row, because it would delay the worker that acts on the winning one.
    await rows(db, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [id]);
    const { job_id } = undecided(actor, await readAuthorization(db, actor, id));
    const job = await lockJob(db, job_id); // Job before authorization, as the workers do: no deadlock.
    const row = undecided(actor, await lockAuthorization(db, actor, id));
    if (job.finished_at) throw alreadyEnded(job);
    checkView(row, decision.view_hash);
    checkOffer(row, decision);
    await write(db, { actor, row, decision });
    const view = authorizationView(await readAuthorization(db, actor, id));
    return { view, jobId: job.id, timer: job.dispatches, next: job.dispatches + 1 };
  });
}

async function lockJob(db: EntityManager, id: string): Promise<Job> {
  const [job] = await rows<Job>(db, "SELECT * FROM job WHERE id = $1 FOR UPDATE", [id]);
  if (!job) throw new Error("an authorization without its job");
  return job;
}

/** Only an owner may decide requests of office people and requests of their own. */
function mayDecideThis(actor: Principal, { principal, principal_kind }: AuthorizationRow): void {
  if (actor.kind === "owner") return;
  if (principal_kind !== "office" && principal !== principalKey(actor)) return;
  throw forbidden(
    "Only the owner decides what office people ask for.",
    "Ask the owner to open /authorizations.",
  );
}

/** Throws if this person may not decide it or it is already decided. */
function undecided(actor: Principal, row: AuthorizationRow): AuthorizationRow {
  mayDecideThis(actor, row);
  if (row.status !== "pending") throw alreadyDecided(row);
  return row;
}

/** Refuses a decision on an outdated view. */
function checkView(row: AuthorizationRow, seen: string | undefined): void {
  const view = authorizationView(row);
  if (seen === undefined || seen === view.view_hash) return;
  throw conflict(
    "What would happen is not what you were shown.",
    "Look at the new view and decide on that.",
    { view },
  );
}

/** Refuses Allow Always where no rule could cover the next such request, and a scope that the request does not offer. */
function checkOffer(row: AuthorizationRow, { decision, upgrade_permission, scope = {} }: Decision): void {
  if (!upgrade_permission || decision !== "authorized") return;
  if (!row.rule_offer) {
    throw validationFailed(
      [{ path: "upgrade_permission", message: "must be left out: this needs a person every time" }],
      "Nothing was decided. Allow it once.",
    );
  }
  const { rule_offer, preview } = row;
  const fault = recordFault({ rule_offer, preview: preview as Preview }, scope); // Written by park.ts as such.
  if (fault) {
    const hint =
      "Nothing was decided. Limit it by until, max_uses or max_amount_cents instead, or allow it once.";
    throw validationFailed([fault], hint);
  }
}

async function write(
  db: EntityManager,
  { actor, row, decision }: { actor: Principal; row: AuthorizationRow; decision: Decision },
): Promise<void> {
  const always = decision.decision === "authorized" && decision.upgrade_permission === true;
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
      decision.scope, // Only with Allow Always (decide).
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
    ? `It was replaced because the records changed: decide ${row.superseded_by} instead.`
    : "There is nothing more to do; the first decision is final.";
  return conflict(`This request is already ${row.status}${by}.`, hint, { winner });
}

const alreadyEnded = ({ status, finished_at }: Job) =>
  conflict(
    `The job of this request has already ended as ${status}.`,
    "Nothing more to do here; let the agent ask again if it is still wanted.",
    { winner: { status, decided_by: null, decided_at: finished_at?.toISOString() ?? null } },
  );

const pastExpiry = (row: AuthorizationRow) =>
  conflict(
    `This request expired at ${row.expires_at.toISOString()}.`,
    "Let the agent ask again if it is still wanted.",
    {
      winner: { status: "expired", decided_by: null, decided_at: row.expires_at.toISOString() },
    },
  );
export interface Decision {
  decision: "authorized" | "denied";
  notes?: string;
  /** Allow Always. */
  upgrade_permission?: boolean;
  scope?: RuleScope;
  view_hash?: string;
}

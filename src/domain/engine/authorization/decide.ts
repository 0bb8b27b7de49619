import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../../database/sql.ts";
import { conflict, validationFailed } from "../../core/errors.ts";
import { lockUndecided, pastExpiry } from "./undecided.ts";
import {
  type AuthorizationRow,
  authorizationView,
  type AuthorizationView,
  readAuthorization,
} from "./view.ts";
import type { Preview } from "../preview.ts";
import { recordFault } from "./scope-faults.ts";
import { mayDecide, type Principal, refuseDecision } from "../../core/principal.ts";
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
    const { row, job } = await lockUndecided(db, actor, id);
    checkView(row, decision.view_hash);
    checkOffer(row, decision);
    await write(db, { actor, row, decision });
    const view = authorizationView(await readAuthorization(db, actor, id));
    return { view, jobId: job.id, timer: job.dispatches, next: job.dispatches + 1 };
  });
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

export interface Decision {
  decision: "authorized" | "denied";
  notes?: string;
  /** Allow Always. */
  upgrade_permission?: boolean;
  scope?: RuleScope;
  view_hash?: string;
}

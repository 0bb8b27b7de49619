import type { DataSource, EntityManager } from "typeorm";
import type { Authorization, Rule, RuleScope } from "../../entities/authorization.ts";
import { rows } from "../../entities/database.ts";
import type { Run, Trial } from "../core/attempt.ts";
import { CrmError, type FieldError, notFound, validationFailed } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { List, RuleView } from "../core/ports.ts";
import { mayDecide, type Principal, principalKey, refuseDecision } from "../core/principal.ts";

/**
 * The live rule that lowers every cause found so far, read and locked under the executing transaction: what is revoked
 * or used up before this job commits does not count. Matches the top-level action and its agent.
 */
export async function coveringRule(trial: Trial): Promise<Rule | null> {
  const { db, job, action, input, now } = trial;
  const live = await rows<Rule>(
    db,
    "SELECT * FROM rule WHERE action = $1 AND principal = $2 AND revoked_at IS NULL ORDER BY id FOR UPDATE",
    [job.action, job.principal],
  );
  const targets = action.targets?.(input) ?? [];
  const covers = ({ causes, scope, uses }: Rule) =>
    trial.causes.every(({ kind }) => causes.includes(kind)) &&
    (scope.record_id === undefined || (targets.length === 1 && targets[0] === scope.record_id)) &&
    (scope.max_uses === undefined || uses < scope.max_uses) &&
    (scope.until === undefined || now < new Date(scope.until)) &&
    (scope.max_amount_cents === undefined || amountOf(trial) <= scope.max_amount_cents);
  return live.find(covers) ?? null;
}

/** What the data causes are worth; one that has no amount is above every limit. */
const amountOf = ({ causes }: Trial): number =>
  causes
    .filter(({ kind }) => kind === "data")
    .reduce((sum, { amountCents }) => sum + (amountCents ?? Number.POSITIVE_INFINITY), 0);

/** Allow Always: written in the transaction that commits the approved job. */
export async function writeRule(
  db: EntityManager,
  job: Run["job"],
  authorization: Authorization,
): Promise<void> {
  await rows(
    db,
    `INSERT INTO rule (id, action, principal, principal_name, causes, scope, authorization_id, created_by,
       created_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      newId("rule"),
      job.action,
      job.principal,
      job.principal_name,
      authorization.causes,
      JSON.stringify(authorization.scope ?? {}),
      authorization.id,
      authorization.decided_by,
      authorization.decided_by_name,
    ],
  );
}

export async function countUse(db: EntityManager, { id }: Rule): Promise<void> {
  await rows(db, "UPDATE rule SET uses = uses + 1, last_used_at = clock_timestamp() WHERE id = $1", [id]);
}

/** Every rule, the newest first; people only. */
export async function listRules(db: EntityManager, actor: Principal): Promise<List<RuleView>> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  const found = await rows<Rule>(db, "SELECT * FROM rule ORDER BY id DESC");
  return { items: found.map(ruleView), next_cursor: null, total: found.length };
}

/** Takes "Allow Always" back; a rule that is revoked already stays as it is. */
export async function revokeRule(db: EntityManager, actor: Principal, id: string): Promise<RuleView> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  await rows(
    db,
    `WITH revoked AS (
       UPDATE rule SET revoked_at = clock_timestamp(), revoked_by = $2 WHERE id = $1 AND revoked_at IS NULL
       RETURNING id, scope
     )
     INSERT INTO rule_change (rule_id, before, principal, principal_kind, principal_name)
     SELECT id, scope, $3, $4, $5 FROM revoked`,
    [id, actor.id, ...keptOf(actor)],
  );
  const [rule] = await rows<Rule>(db, "SELECT * FROM rule WHERE id = $1", [id]);
  if (!rule) throw notFound("rule", id);
  return ruleView(rule);
}

/** Tighter limits for a live rule, under the same lock as its uses. A limit that is not named stays as it is. */
export async function narrowRule(
  dataSource: DataSource,
  actor: Principal,
  id: string,
  scope: RuleScope,
): Promise<RuleView> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  return dataSource.transaction(async (db) => {
    const [rule] = await rows<Rule>(db, "SELECT * FROM rule WHERE id = $1 FOR UPDATE", [id]);
    if (!rule) throw notFound("rule", id);
    if (rule.revoked_at) throw revoked(rule);
    const wider = widerThan(rule.scope, scope);
    if (wider.length > 0) {
      throw validationFailed(
        wider,
        "A rule never gets wider than it is: to allow more, revoke it and choose Allow Always when you are asked again.",
      );
    }
    const narrowed = { ...rule.scope, ...scope };
    await rows(
      db,
      `WITH narrowed AS (UPDATE rule SET scope = $3 WHERE id = $1)
       INSERT INTO rule_change (rule_id, before, after, principal, principal_kind, principal_name)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, JSON.stringify(rule.scope), JSON.stringify(narrowed), ...keptOf(actor)],
    );
    return ruleView({ ...rule, scope: narrowed });
  });
}

/** Who it was, as the audit tells it. */
const keptOf = (actor: Principal): string[] => [principalKey(actor), actor.kind, actor.name];

const revoked = ({ id, revoked_at }: Rule) =>
  new CrmError("invalid_state", `${id} was revoked at ${revoked_at?.toISOString()}; it allows nothing.`, {
    hint: "There is nothing left to narrow.",
  });

/** The limits in `asked` that would let through what `held` does not. */
function widerThan(held: RuleScope, asked: RuleScope): FieldError[] {
  const faults: (FieldError | false)[] = [
    held.record_id !== undefined &&
      asked.record_id !== undefined &&
      asked.record_id !== held.record_id && {
        path: "scope.record_id",
        message: `must stay ${held.record_id}: the rule is for that record alone`,
      },
    above(asked.max_amount_cents, held.max_amount_cents) && {
      path: "scope.max_amount_cents",
      message: `must be at most ${held.max_amount_cents}, as it is now`,
    },
    above(instant(asked.until), instant(held.until)) && {
      path: "scope.until",
      message: `must not be after ${held.until}, as it is now`,
    },
    above(asked.max_uses, held.max_uses) && {
      path: "scope.max_uses",
      message: `must be at most ${held.max_uses}, as it is now`,
    },
  ];
  return faults.filter((fault) => fault !== false);
}

const above = (asked: number | undefined, held: number | undefined): boolean =>
  asked !== undefined && held !== undefined && asked > held;
const instant = (text: string | undefined): number | undefined => (text ? Date.parse(text) : undefined);

const ruleView = (rule: Rule): RuleView => ({
  id: rule.id,
  action: rule.action,
  agent: rule.principal_name,
  causes: rule.causes,
  scope: rule.scope satisfies RuleScope,
  uses: rule.uses,
  created_at: rule.created_at.toISOString(),
  created_by: rule.created_by_name,
  authorization_id: rule.authorization_id,
  last_used_at: rule.last_used_at?.toISOString() ?? null,
  revoked_at: rule.revoked_at?.toISOString() ?? null,
});

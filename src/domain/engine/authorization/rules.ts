import type { DataSource, EntityManager } from "typeorm";
import type { Rule } from "../../../entities/rule.ts";
import type { RuleScope } from "../../../entities/rule-scope.ts";
import { rows } from "../../../database/sql.ts";
import { CrmError, type FieldError, notFound, validationFailed } from "../../core/errors.ts";
import { type Limited, recordFault } from "./scope-faults.ts";
import type { List } from "../../query/list.ts";
import { mayDecide, type Principal, principalKey, refuseDecision } from "../../core/principal.ts";

/** A rule with what its request offered. */
type RuleRow = Rule & Limited;

const SELECT = `SELECT rule.*, a.rule_offer FROM rule
  JOIN "authorization" a ON a.id = rule.authorization_id`;

/** All rules, newest first. Owner and office only. */
export async function listRules(db: EntityManager, actor: Principal): Promise<List<RuleView>> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  const found = await rows<RuleRow>(db, `${SELECT} ORDER BY rule.id DESC`);
  return { items: found.map(ruleView), next_cursor: null, total: found.length };
}

/** Revokes a rule. Idempotent: an earlier revocation is unchanged. */
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
    [id, actor.id, ...principalColumns(actor)],
  );
  const [rule] = await rows<RuleRow>(db, `${SELECT} WHERE rule.id = $1`, [id]);
  if (!rule) throw notFound("rule", id);
  return ruleView(rule);
}

/** Tightens limits of a live rule, under the same lock as its uses. Limits that are not named are unchanged. */
export async function narrowRule(
  dataSource: DataSource,
  actor: Principal,
  { id, scope }: { id: string; scope: RuleScope },
): Promise<RuleView> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  return dataSource.transaction(async (db) => {
    const [rule] = await rows<RuleRow>(db, `${SELECT} WHERE rule.id = $1 FOR UPDATE OF rule`, [id]);
    if (!rule) throw notFound("rule", id);
    if (rule.revoked_at) throw revoked(rule);
    const wider = widerThan(rule.scope, scope);
    if (wider.length > 0) throw validationFailed(wider, NEVER_WIDER);
    const fault = scope.record_id !== rule.scope.record_id && recordFault(rule, scope);
    if (fault) throw validationFailed([fault], OTHER_RECORD);
    const narrowed = { ...rule.scope, ...scope };
    await rows(
      db,
      `WITH narrowed AS (UPDATE rule SET scope = $3 WHERE id = $1)
       INSERT INTO rule_change (rule_id, before, after, principal, principal_kind, principal_name)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, JSON.stringify(rule.scope), JSON.stringify(narrowed), ...principalColumns(actor)],
    );
    return ruleView({ ...rule, scope: narrowed });
  });
}

const NEVER_WIDER =
  "A rule never gets wider than it is: to allow more, revoke it and choose Allow Always when you are asked again.";

/** A person approved the history of one record. Of another one it is not known. */
const OTHER_RECORD = "Revoke the rule, and choose Allow Always when you are asked about that record.";

/** The principal columns of `rule_change`. */
const principalColumns = (actor: Principal): string[] => [principalKey(actor), actor.kind, actor.name];

const revoked = ({ id, revoked_at }: Rule) =>
  new CrmError("invalid_state", `${id} was revoked at ${revoked_at?.toISOString()}; it allows nothing.`, {
    hint: "There is nothing left to narrow.",
  });

/** The limits in `asked` that are wider than those in `held`. */
function widerThan(held: RuleScope, asked: RuleScope): FieldError[] {
  const faults: (FieldError | false)[] = [
    held.record_id !== undefined &&
      asked.record_id !== undefined &&
      asked.record_id !== held.record_id && {
        path: "scope.record_id",
        message: `must be ${held.record_id}: the rule is for that record only`,
      },
    above(asked.max_amount_cents, held.max_amount_cents) && {
      path: "scope.max_amount_cents",
      message: `must be at most ${held.max_amount_cents}, the current limit`,
    },
    above(instant(asked.until), instant(held.until)) && {
      path: "scope.until",
      message: `must not be after ${held.until}, the current limit`,
    },
    above(asked.max_uses, held.max_uses) && {
      path: "scope.max_uses",
      message: `must be at most ${held.max_uses}, the current limit`,
    },
  ];
  return faults.filter((fault) => fault !== false);
}

const above = (asked: number | undefined, held: number | undefined): boolean =>
  asked !== undefined && held !== undefined && asked > held;
const instant = (text: string | undefined): number | undefined => (text ? Date.parse(text) : undefined);

const ruleView = (rule: RuleRow): RuleView => ({
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
  revoked_reason: rule.revoked_reason,
  record_id: rule.rule_offer?.record_id ?? null,
});

export interface RuleView {
  id: string;
  action: string;
  agent: string;
  causes: string[];
  scope: RuleScope;
  uses: number;
  created_at: string;
  created_by: string;
  authorization_id: string;
  last_used_at: string | null;
  revoked_at: string | null;
  /** Why it ended, where no person revoked it. */
  revoked_reason: string | null;
  /** The record that it can be limited to. */
  record_id: string | null;
}

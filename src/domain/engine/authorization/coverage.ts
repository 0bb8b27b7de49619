import type { EntityManager } from "typeorm";
import type { Authorization } from "../../../entities/authorization.ts";
import type { Rule } from "../../../entities/rule.ts";
import type { Measures, RuleOffer } from "../../../entities/rule-scope.ts";
import { rows } from "../../../database/sql.ts";
import type { Cause } from "../../core/permission.ts";
import { newId } from "../../core/ids.ts";
import type { Snapshot } from "../preview.ts";
import type { Run } from "../run.ts";

/** What a rule can be about. Only one action: a request that stands for several that need a person is not covered. */
export interface RuleSubject {
  /** The key of the requested action; for an undo, of what it stands for. */
  actions: readonly string[];
  /** The records that the request names; for an undo, those that it writes. */
  targets: readonly string[];
}

/** What the engine knows of a request when it looks for a rule. */
interface Request {
  subject: RuleSubject | null;
  causes: readonly Cause[];
  /** The records of the request and of all calls inside it. */
  targets: ReadonlySet<string>;
}

/**
 * The live rule that covers every cause. Read and locked in the executing transaction, so that a rule that is revoked
 * or used up before this job commits does not count. Matches the top-level action and its agent.
 */
export async function coveringRule({ db, job, now }: Run, request: Request): Promise<Rule | null> {
  const action = onlyAction(request);
  if (action === null) return null;
  const live = await rows<Rule>(
    db,
    "SELECT * FROM rule WHERE action = $1 AND principal = $2 AND revoked_at IS NULL ORDER BY id FOR UPDATE",
    [action, job.principal],
  );
  return live.find((rule) => covers(rule, request, now)) ?? null;
}

function covers({ causes, scope, uses, approved }: Rule, request: Request, now: Date): boolean {
  const { record_id, max_amount_cents, until, max_uses } = scope;
  return (
    request.causes.every(({ kind }) => causes.includes(kind)) &&
    (record_id === undefined ||
      (onlyRecord(request) === record_id && noneGreater(measuresOf(request.causes), approved))) &&
    (max_uses === undefined || uses < max_uses) &&
    (until === undefined || now < new Date(until)) &&
    (max_amount_cents === undefined || amountOf(request.causes) <= max_amount_cents)
  );
}

/** The one action that a rule from this request is about. */
function onlyAction({ subject, causes }: Request): string | null {
  const [action, ...others] = subject?.actions ?? [];
  if (others.length > 0 || causes.some(({ everyTime }) => everyTime)) return null;
  return action ?? null;
}

/** The one record that the request names, where no call inside it names another. */
function onlyRecord({ subject, targets }: Request): string | null {
  const [record, ...others] = subject?.targets ?? [];
  return record !== undefined && others.length === 0 && targets.size === 1 ? record : null;
}

/** The amount of all data causes. Without any cause or without an amount it exceeds every limit. */
function amountOf(causes: readonly Cause[]): number {
  const amounts = causes.filter(({ kind }) => kind === "data").map(({ amountCents }) => amountCents);
  if (amounts.length === 0) return Number.POSITIVE_INFINITY;
  return amounts.reduce<number>((sum, each) => sum + Math.max(0, each ?? Number.POSITIVE_INFINITY), 0);
}

const measuresOf = (causes: readonly Cause[]): Measures[] =>
  causes.filter(({ kind }) => kind === "data").map(({ facts }) => measured(facts));

function measured(facts: Cause["facts"]): Measures {
  const sizes = Object.entries(facts).flatMap(([name, value]): [string, number][] => {
    if (typeof value === "number" || typeof value === "boolean") return [[name, Number(value)]];
    return Array.isArray(value) ? [[name, value.length]] : [];
  });
  return Object.fromEntries(sizes);
}

/** Compares cause by cause. What was not measured then counts as 0. */
const noneGreater = (current: readonly Measures[], approved: readonly Measures[]): boolean =>
  current.length <= approved.length &&
  current.every((facts, at) =>
    Object.entries(facts).every(([name, value]) => value <= (approved[at]?.[name] ?? 0)),
  );

/** What a rule from this request would be about; null where no rule could cover its like. */
export function offerOf(seen: Request & { snapshot: Snapshot | null }): RuleOffer | null {
  const action = onlyAction(seen);
  if (action === null || seen.causes.length === 0) return null; // Without a cause it needs no rule.
  const record = onlyRecord(seen);
  const gone = seen.snapshot?.preview.changes.some(
    (each) => each.id === record && each.operation === "delete",
  );
  const amount = amountOf(seen.causes);
  return {
    action,
    record_id: gone ? null : record,
    amount_cents: Number.isFinite(amount) ? amount : null,
  };
}

/** Writes the rule of "Allow Always", in the transaction that commits the approved job. */
export async function writeRule(
  { db, job }: Run,
  authorization: Authorization,
  { causes }: Request,
): Promise<void> {
  await rows(
    db,
    `INSERT INTO rule (id, action, principal, principal_name, causes, scope, approved, authorization_id, created_by,
       created_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      newId("rule"),
      authorization.rule_offer?.action ?? job.action,
      job.principal,
      job.principal_name,
      authorization.causes,
      JSON.stringify(authorization.scope ?? {}),
      JSON.stringify(measuresOf(causes)),
      authorization.id,
      authorization.decided_by,
      authorization.decided_by_name,
    ],
  );
}

export async function countUse(db: EntityManager, { id }: Rule): Promise<void> {
  await rows(db, "UPDATE rule SET uses = uses + 1, last_used_at = clock_timestamp() WHERE id = $1", [id]);
}

/** Ends the rules for these records alone, because the job merged others into them. */
export async function endRecordRules({ db, job }: Run, records: ReadonlySet<string>): Promise<void> {
  if (records.size === 0) return;
  await rows(
    db,
    `WITH ended AS (
       UPDATE rule SET revoked_at = clock_timestamp(), revoked_reason = $2
       WHERE revoked_at IS NULL AND scope->>'record_id' = ANY($1) RETURNING id, scope
     )
     INSERT INTO rule_change (rule_id, before, principal, principal_kind, principal_name, reason)
     SELECT id, scope, $3, $4, $5, $2 FROM ended`,
    [
      [...records],
      `Another record was merged into it by ${job.id}`,
      job.principal,
      job.principal_kind,
      job.principal_name,
    ],
  );
}

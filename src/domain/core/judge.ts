import { rows } from "../../entities/database.ts";
import type { Job, PrincipalKind } from "../../entities/job.ts";
import { coveringRule } from "../authorization/rules.ts";
import { type Action, actionKey, type StandsFor } from "./action.ts";
import type { Trial } from "./attempt.ts";
import type { Context } from "./context.ts";
import { forbidden } from "./errors.ts";
import { type Cause, CAUSES, type Level, MOST_RECORDS, WINDOW } from "./permission.ts";

/**
 * The highest level that happens without asking. Levels bind agents; the owner's own requests and the system's run at
 * once; office people explain nothing but ask the owner for what is risky.
 */
export function allowedFor({ principal_kind, reasoning }: Pick<Job, "principal_kind" | "reasoning">): Level {
  if (principal_kind === "owner" || principal_kind === "system") return "requires_authorization";
  if (principal_kind === "office") return "soft_limit";
  return reasoning?.trim() ? "soft_limit" : "unrestricted";
}

/** Refuses an action that is not for this kind of principal, whatever its level. */
export function fitsAudience(action: Action, kind: PrincipalKind): void {
  if (kind === "technician") {
    throw forbidden("A technician's sign-in cannot change records yet.", "Ask the office to do it.");
  }
  if (action.audience === "system" && kind !== "system") {
    throw forbidden(
      `${actionKey(action)} is a step of the machinery; nobody asks for it.`,
      "crm_capabilities lists what can be asked for.",
    );
  }
  if (action.audience === "people" && kind === "agent") {
    throw forbidden(
      `${actionKey(action)} is for people only.`,
      "Ask the owner to do it; crm_capabilities lists what an agent can do.",
    );
  }
}

/**
 * Judges one call by what the database says now: the declared level, raised by what the data says and by how many
 * records the whole request touches, lowered by a live rule that covers every cause so far.
 */
export async function judge(trial: Trial, context: Context, action: Action, input: unknown): Promise<Level> {
  const judged = (await action.standsFor?.(context, input)) ?? {
    action,
    input,
    targets: targetsOf(action, input),
  };
  for (const target of judged.targets) {
    trial.targets.add(target);
    if (judged.action.destructive) trial.hits.add(target);
  }
  const { permission } = judged.action;
  const declared = permission === "requires_authorization" ? "unrestricted" : permission;
  const known = trial.causes.filter(({ kind }) => kind === "data");
  trial.causes = inOrder([...known, ...(await dataCauses(context, judged)), ...bulkCause(trial)]);
  // What a person must be asked in any case does not queue for the window's lock.
  if (!trial.judgeOnly && !(await isCovered(trial))) return "requires_authorization";
  trial.causes.push(...(await windowCause(trial)));
  return (await isCovered(trial)) ? declared : "requires_authorization";
}

/** Whether nobody needs to be asked: there is no cause, or a live rule covers all of them. */
async function isCovered(trial: Trial): Promise<boolean> {
  if (trial.causes.length === 0) return true;
  if (trial.authorization) return false; // What a person allowed is no use of a rule.
  trial.rule = await coveringRule(trial); // Anew for each call: a rule up to an amount counts all of them.
  return trial.rule !== null;
}

const targetsOf = (action: Action, input: unknown): string[] => action.targets?.(input) ?? [];

const inOrder = (causes: Cause[]): Cause[] =>
  causes.sort((one, other) => CAUSES.indexOf(one.kind) - CAUSES.indexOf(other.kind));

async function dataCauses(context: Context, { action, input, targets }: StandsFor): Promise<Cause[]> {
  const record = targets[0] !== undefined && { record: targets[0] };
  const escalation = action.escalate && (await action.escalate(context, input));
  if (escalation) return [{ kind: "data", ...escalation, ...record }];
  if (action.permission !== "requires_authorization") return [];
  return [
    { kind: "data", reason: `${actionKey(action)} always needs a person's agreement`, facts: {}, ...record },
  ];
}

function bulkCause({ targets }: Trial): Cause[] {
  if (targets.size <= MOST_RECORDS) return [];
  return [{ kind: "bulk", reason: `${targets.size} records at once, more than ${MOST_RECORDS}`, facts: {} }];
}

/**
 * All agents together may take away a few records within minutes; what a person approved does not count, what a rule
 * allowed does. What is going to happen holds one lock until its transaction ends, so that no two see the same room
 * left; a preview happens to nobody.
 */
async function windowCause({ db, job, authorization, hits, judgeOnly }: Trial): Promise<Cause[]> {
  if (job.principal_kind !== "agent" || authorization || hits.size === 0) return [];
  if (!judgeOnly) await rows(db, "SELECT pg_advisory_xact_lock(hashtext('countersign.window'))");
  const [window] = await rows<{ taken: number }>(
    db,
    `SELECT coalesce(sum(cardinality(hits)), 0) AS taken FROM job
     WHERE hits <> '{}' AND finished_at > clock_timestamp() - interval '${WINDOW}'
       AND principal_kind = 'agent' AND (allowed_by IS NULL OR allowed_by NOT LIKE 'auth\\_%')`,
  );
  const count = (window?.taken ?? 0) + hits.size;
  if (count <= MOST_RECORDS) return [];
  const reason = `${count} records taken away by agents within ${WINDOW}, more than ${MOST_RECORDS}`;
  return [{ kind: "window", reason, facts: {} }];
}

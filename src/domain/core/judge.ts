import type { Job, PrincipalKind } from "../../entities/job.ts";
import { coveringRule } from "../authorization/rules.ts";
import { type Action, actionKey } from "./action.ts";
import type { Trial } from "./attempt.ts";
import type { Context } from "./context.ts";
import { forbidden } from "./errors.ts";
import type { Cause, Level } from "./permission.ts";

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
  if (action.audience === "people" && kind === "agent") {
    throw forbidden(
      `${actionKey(action)} is for people only.`,
      "Ask the owner to do it; crm_capabilities lists what an agent can do.",
    );
  }
}

/** Judges one call by what the database says now: the declared level, raised by the data, lowered by a live rule. */
export async function judge(trial: Trial, context: Context, action: Action, input: unknown): Promise<Level> {
  const causes = await causesOf(context, action, input);
  trial.causes.push(...causes);
  const declared = action.permission === "requires_authorization" ? "unrestricted" : action.permission;
  if (causes.length === 0) return declared;
  trial.rule = await coveringRule(trial); // Anew for each call: a rule up to an amount counts all of them.
  return trial.rule ? declared : "requires_authorization";
}

async function causesOf(context: Context, action: Action, input: unknown): Promise<Cause[]> {
  const escalation = action.escalate && (await action.escalate(context, input));
  if (escalation) return [{ kind: "data", ...escalation }];
  if (action.permission !== "requires_authorization") return [];
  return [{ kind: "data", reason: `${actionKey(action)} always needs a person's agreement`, facts: {} }];
}

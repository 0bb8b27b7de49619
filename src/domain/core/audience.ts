import type { PrincipalKind } from "../../entities/job.ts";
import { type Action, actionKey } from "./action.ts";
import { forbidden } from "./errors.ts";

/** Refuses an action that this kind of principal may not request at any level. */
export function checkAudience(action: Action, kind: PrincipalKind): void {
  if (kind === "technician") {
    throw forbidden("A technician's sign-in cannot change records yet.", "Ask the office to do it.");
  }
  if (action.audience === "system" && kind !== "system") {
    throw forbidden(
      `${actionKey(action)} is an internal step and cannot be requested.`,
      "crm_capabilities lists the actions that can be requested.",
    );
  }
  if (action.audience === "people" && kind === "agent") {
    throw forbidden(
      `${actionKey(action)} is for people only.`,
      "Ask the owner to do it; crm_capabilities lists what an agent can do.",
    );
  }
}

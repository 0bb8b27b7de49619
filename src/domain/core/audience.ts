import type { PrincipalKind } from "../../entities/job.ts";
import { type Action, actionKey } from "./action.ts";
import { type CrmError, forbidden } from "./errors.ts";
import type { Principal } from "./principal.ts";

/** Refuses an action that this kind of principal may not request at any level. */
export function checkAudience(action: Action, kind: PrincipalKind): void {
  const key = actionKey(action);
  if (kind === "technician") {
    throw forbidden("A technician's sign-in cannot change records yet.", "Ask the office to do it.");
  }
  if (action.audience === "system" && kind !== "system") {
    throw forbidden(
      `${key} is an internal step and cannot be requested.`,
      "crm_capabilities lists the actions that can be requested.",
    );
  }
  if (action.audience === "people" && kind === "agent") {
    throw forbidden(
      `${key} is for people only.`,
      "Ask the owner to do it; crm_capabilities lists what an agent can do.",
    );
  }
  if ((action.audience === "customer") !== (kind === "customer")) throw notTheCustomer(key, kind);
}

const notTheCustomer = (key: string, kind: PrincipalKind): CrmError =>
  kind === "customer"
    ? forbidden(`A customer's link cannot request ${key}.`, "Ask the office to do it.")
    : forbidden(
        `Only the customer does ${key}, with the link in a message.`,
        "Send them the link with a confirmation or an offer; they press the button themselves.",
      );

/** Refuses a customer's request about another record than the one that their link is for. */
export function checkLinkedRecord(action: Action, actor: Principal, input: unknown): void {
  if (actor.kind !== "customer") return;
  const targets = action.targets?.(input) ?? [];
  if (targets.length === 1 && targets[0] === actor.id) return;
  throw forbidden("This link is for another record.", "Use the link in the message about that one.");
}

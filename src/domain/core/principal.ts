import type { PrincipalKind } from "../../entities/job.ts";
import { type CrmError, forbidden } from "./errors.ts";

/** The authenticated requester. `id`: `token_…` of an agent, `user_…` of a person, a name for the system (`demo`). */
export interface Principal {
  kind: PrincipalKind;
  id: string;
  name: string;
}

/** The key of a principal in jobs and rules: `agent:token_…`, `user:user_…`, `system:demo`. */
export const principalKey = ({ kind, id }: Principal): string =>
  kind === "agent" || kind === "system" ? `${kind}:${id}` : `user:${id}`;

/** Only owner and office decide authorizations. */
export const mayDecide = ({ kind }: Principal): boolean => kind === "owner" || kind === "office";

export const refuseDecision = (actor: Principal): CrmError =>
  forbidden(
    actor.kind === "agent"
      ? "An agent's token can never decide an authorization or change a rule; only a person who is signed in can."
      : `${actor.kind} may not decide authorizations.`,
    "Ask the owner to open the approval_url and decide there; then poll job_status.",
  );

import type { PrincipalKind } from "../../entities/job.ts";
import { type CrmError, forbidden } from "./errors.ts";

/**
 * The authenticated requester. `id`: `token_…` of an agent, `user_…` of a person, a name for the system (`demo`), and for
 * a customer the record that their link is for.
 */
export interface Principal {
  kind: PrincipalKind;
  id: string;
  name: string;
}

/** Kinds that sign in as a user. */
const USERS: readonly PrincipalKind[] = ["owner", "office", "technician"];

/** The key of a principal in jobs and rules: `agent:token_…`, `user:user_…`, `system:demo`, `customer:ticket_…`. */
export const principalKey = ({ kind, id }: Principal): string =>
  USERS.includes(kind) ? `user:${id}` : `${kind}:${id}`;

/** Kinds that no level binds: a customer's link allows one action on one record, and nothing else. */
export const NO_LEVELS: readonly PrincipalKind[] = ["owner", "system", "customer"];

/** Who opens the link in a message. The link is for one record, and so are their jobs. */
export const customerOf = (recordId: string): Principal => ({
  kind: "customer",
  id: recordId,
  name: "Customer",
});

/** Only owner and office decide authorizations. */
export const mayDecide = ({ kind }: Principal): boolean => kind === "owner" || kind === "office";

export const refuseDecision = (actor: Principal): CrmError =>
  forbidden(
    actor.kind === "agent"
      ? "An agent's token can never decide an authorization or change a rule; only a person who is signed in can."
      : `${actor.kind} may not decide authorizations.`,
    "Ask the owner to open the approval_url and decide there; then poll job_status.",
  );

import type { Principal } from "../domain/core/principal.ts";
import type { Crm } from "./contract.ts";

const CUSTOMER_LINK = /(\/visit\/)[0-9a-f]{32}/g;

/** The answer without the tokens of customers' links, for an agent. */
function withoutLinks<Answer>({ kind }: Principal, answer: Answer): Answer {
  if (kind !== "agent") return answer;
  const text = JSON.stringify(answer);
  return text.includes("/visit/") ? (JSON.parse(text.replace(CUSTOMER_LINK, "$1…")) as Answer) : answer; // Texts only.
}

/**
 * Hides the tokens of customers' links from agents: only the customer presses the buttons behind them. People, who write
 * to customers themselves, see the links.
 */
export const maskingLinks = (crm: Crm): Crm => ({
  ...crm,
  submit: async (actor, submission) => withoutLinks(actor, await crm.submit(actor, submission)),
  query: async (actor, ...asked) => withoutLinks(actor, await crm.query(actor, ...asked)),
  job: async (actor, ...asked) => withoutLinks(actor, await crm.job(actor, ...asked)),
  jobOfAuthorization: async (actor, ...asked) =>
    withoutLinks(actor, await crm.jobOfAuthorization(actor, ...asked)),
  authorizations: async (actor, ...asked) => withoutLinks(actor, await crm.authorizations(actor, ...asked)),
  authorization: async (actor, id) => withoutLinks(actor, await crm.authorization(actor, id)),
  authorizationChanges: async (actor, ...asked) =>
    withoutLinks(actor, await crm.authorizationChanges(actor, ...asked)),
});

import { conflict, notFound, validationFailed } from "../../../src/domain/core/errors.ts";
import type { AuditFilter } from "../../../src/domain/engine/audit/entry.ts";
import type { Crm, Submission } from "../../../src/crm/contract.ts";
import type { Decision } from "../../../src/domain/engine/authorization/decide.ts";
import type { AuthorizationView } from "../../../src/domain/engine/authorization/view.ts";
import type { RuleScope } from "../../../src/entities/rule-scope.ts";
import { aJob, anAuthorization, anEntry, aRefusal, aRule, listed } from "./views.ts";

/** Calls that the pages made to the CRM, and the authorization that it returns. */
export interface Calls {
  shown: AuthorizationView;
  decisions: Decision[];
  edits: Record<string, unknown>[];
  submitted: Submission[];
  narrowed: [string, RuleScope][];
  revoked: string[];
  audited: AuditFilter[];
}

export const noCalls = (): Calls => ({
  shown: anAuthorization(),
  decisions: [],
  edits: [],
  submitted: [],
  narrowed: [],
  revoked: [],
  audited: [],
});

/** Stands in for methods that the pages must not call. */
export const never = (): never => {
  throw new Error("The pages must not call this.");
};

/** A CRM that records its calls in `calls()` and returns samples. */
export function aStub(calls: () => Calls): Crm {
  return {
    capabilities: never,
    subscribe: never,
    query: never,
    findCustomers: never,
    findAvailability: never,
    customerLink: never,
    customerCalendar: never,
    calendarFeed: never,
    authorizationChanges: never,
    withdraw: never,
    async submit(_actor, submission) {
      calls().submitted.push(submission);
      return aJob({ job_id: "job_2" });
    },
    rules: async () => ({ items: [aRule()], next_cursor: null, total: 1 }),
    async narrowRule(_actor, id, scope) {
      calls().narrowed.push([id, scope]);
      if (scope.max_uses === 9)
        throw validationFailed([{ path: "scope.max_uses", message: "must be at most 3" }]);
      return aRule();
    },
    async revokeRule(_actor, id) {
      calls().revoked.push(id);
      return aRule();
    },
    async audit(_actor, filter) {
      calls().audited.push(filter);
      return { items: [anEntry(), aRefusal()], next_cursor: null, total: 2 };
    },
    job: async () => aJob(),
    jobs: async () => ({ items: [aJob()], next_cursor: null, total: 1 }),
    jobOfAuthorization: async () => aJob(),
    authorizations: async () => ({ items: [listed(calls().shown)], next_cursor: null, total: 1 }),
    async authorization(_actor, id) {
      if (id !== calls().shown.id) throw notFound("authorization", id);
      return calls().shown;
    },
    async edit(_actor, _id, data) {
      calls().edits.push(data);
      return { ...calls().shown, id: "auth_2" };
    },
    async decide(_actor, _id, decision) {
      if (calls().shown.status !== "pending")
        throw conflict("This request is already decided.", "Nothing more to do.");
      if (decision.view_hash !== calls().shown.view_hash)
        throw conflict("Not what you saw.", "Look.", { view: calls().shown });
      calls().decisions.push(decision);
      return calls().shown;
    },
  };
}

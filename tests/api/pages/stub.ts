import { conflict, notFound, validationFailed } from "../../../src/domain/core/errors.ts";
import type { AuditFilter } from "../../../src/domain/audit/entry.ts";
import type { AuthorizationView, Crm, Decision, Submission } from "../../../src/domain/core/ports.ts";
import type { RuleScope } from "../../../src/entities/authorization.ts";
import { aJob, anAuthorization, anEntry, aRefusal, aRule } from "./views.ts";

/** What the pages have asked of the CRM, and the question that they are shown. */
export interface Asked {
  shown: AuthorizationView;
  decisions: Decision[];
  submitted: Submission[];
  narrowed: [string, RuleScope][];
  revoked: string[];
  audited: AuditFilter[];
}

export const nothingAsked = (): Asked => ({
  shown: anAuthorization(),
  decisions: [],
  submitted: [],
  narrowed: [],
  revoked: [],
  audited: [],
});

/** For what the pages do not ask: that would be a fault of theirs. */
export const never = (): never => {
  throw new Error("The pages do not ask this.");
};

/** The CRM as the pages see it, answered from what `of` gives. */
export function aStub(of: () => Asked): Crm {
  return {
    capabilities: never,
    subscribe: never,
    query: never,
    findCustomers: never,
    withdraw: never,
    async submit(_actor, submission) {
      of().submitted.push(submission);
      return aJob({ job_id: "job_2" });
    },
    rules: async () => ({ items: [aRule()], next_cursor: null, total: 1 }),
    async narrowRule(_actor, id, scope) {
      of().narrowed.push([id, scope]);
      if (scope.max_uses === 9)
        throw validationFailed([{ path: "scope.max_uses", message: "must be at most 3" }]);
      return aRule();
    },
    async revokeRule(_actor, id) {
      of().revoked.push(id);
      return aRule();
    },
    async audit(_actor, filter) {
      of().audited.push(filter);
      return { items: [anEntry(), aRefusal()], next_cursor: null, total: 2 };
    },
    job: async () => aJob(),
    jobs: async () => ({ items: [aJob()], next_cursor: null, total: 1 }),
    jobOfAuthorization: async () => aJob(),
    authorizations: async () => ({ items: [of().shown], next_cursor: null, total: 1 }),
    async authorization(_actor, id) {
      if (id !== of().shown.id) throw notFound("authorization", id);
      return of().shown;
    },
    async decide(_actor, _id, decision) {
      if (of().shown.status !== "pending")
        throw conflict("This request is already decided.", "Nothing more to do.");
      if (decision.viewHash !== of().shown.view_hash)
        throw conflict("Not what you saw.", "Look.", { view: of().shown });
      of().decisions.push(decision);
      return of().shown;
    },
  };
}

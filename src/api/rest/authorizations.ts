import { z } from "zod";
import { ruleScope } from "../../domain/engine/authorization/decide.ts";
import type { Crm } from "../../crm/contract.ts";
import { AUTHORIZATION_STATUSES } from "../../entities/authorization.ts";
import { defineRoute, type Route } from "../route.ts";
import { listOf } from "../schema.ts";
import { requireRecentSignIn } from "../security/recent-sign-in.ts";
import { Authorization, ListedAuthorization, PreviewChange } from "./answers.ts";
import { idParameter, pageParameters } from "./parameters.ts";

const params = { id: idParameter("auth", "authorization") };

const decisionInput = z
  .strictObject({
    decision: z.enum(["authorized", "denied"]),
    notes: z.string().max(10_000).optional(),
    upgrade_permission: z.boolean().optional(),
    scope: ruleScope.optional(),
    view_hash: z.string().max(200).optional(),
  })
  .refine(({ decision, upgrade_permission }) => decision === "authorized" || !upgrade_permission, {
    path: ["upgrade_permission"],
    message: "needs decision authorized: a denial cannot be permanent",
  })
  .refine(({ scope, upgrade_permission }) => scope === undefined || upgrade_permission === true, {
    path: ["scope"],
    message: "limits an Allow Always: send upgrade_permission: true with it",
  });

const EDITING = `\`data\` is the action's whole data, with other values: \`data\` of GET /api/authorizations/{id} is what to start from. The request becomes a new authorization with its own preview, which waits for a decision in any case; this one is \`superseded\`. Records can be left out, not added. The model reads who changed which fields in \`job_status\`. Only with the owner's or the office's session; what an office person changed and still needs a person, only the owner decides. Where the action refuses the data, the request waits unchanged.`;

/** The action's own schema parses `data`. */
const editInput = z.strictObject({ data: z.record(z.string(), z.unknown()) });

export const authorizationRoutes = ({ crm }: { crm: Crm }): Route[] => [...reading(crm), ...deciding(crm)];

const reading = (crm: Crm): Route[] => [
  defineRoute({
    method: "get",
    path: "/api/authorizations",
    id: "list_authorizations",
    summary: "List authorizations, the newest first",
    description:
      "An agent sees those of its own jobs, people see all. Counts and first rows of each preview; the whole is at `/api/authorizations/{id}`.",
    for: "agent",
    query: z.strictObject({ status: z.enum(AUTHORIZATION_STATUSES).optional(), ...pageParameters }),
    answer: listOf(ListedAuthorization),
    handler: ({ principal, query, signal }) => crm.authorizations(principal, query, signal),
  }),
  defineRoute({
    method: "get",
    path: "/api/authorizations/:id",
    id: "read_authorization",
    summary: "Read one authorization",
    for: "agent",
    params,
    answer: Authorization,
    handler: ({ principal, params }) => crm.authorization(principal, params.id),
  }),
  defineRoute({
    method: "get",
    path: "/api/authorizations/:id/changes",
    id: "list_authorization_changes",
    summary: "List the rows that an authorization's request would change",
    description: "The rows of its preview, in pages, for requests that name many records.",
    for: "agent",
    params,
    query: z.strictObject(pageParameters),
    answer: listOf(PreviewChange),
    handler: ({ principal, params, query }) => crm.authorizationChanges(principal, params.id, query),
  }),
];

const deciding = (crm: Crm): Route[] => [
  defineRoute({
    method: "post",
    path: "/api/authorizations/:id",
    id: "decide_authorization",
    summary: "Decide an authorization",
    description:
      "Only with the owner's or the office's session; an agent's token can never decide. Allowing a destructive request needs a sign-in, or POST /api/session/password, within the last 15 minutes; otherwise `forbidden`.",
    for: "people",
    params,
    body: decisionInput,
    answer: Authorization,
    refusals: ["conflict"],
    async handler({ principal, params, body, response }) {
      await requireRecentSignIn(crm, response, { id: params.id, decision: body.decision });
      return crm.decide(principal, params.id, body);
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/authorizations/:id/edit",
    id: "edit_authorization",
    summary: "Change what a pending request would do",
    description: EDITING,
    for: "people",
    params,
    body: editInput,
    bodyIsSubmission: true,
    answer: Authorization,
    refusals: ["conflict", "invalid_state", "ambiguous", "too_large"],
    handler: ({ principal, params, body }) => crm.edit(principal, params.id, body.data),
  }),
];

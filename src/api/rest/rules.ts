import { z } from "zod";
import { ruleScope } from "../../domain/engine/authorization/decide.ts";
import { notFound } from "../../domain/core/errors.ts";
import type { Crm } from "../../crm/contract.ts";
import { defineRoute, type Route } from "../route.ts";
import { listOf } from "../schema.ts";
import { Rule } from "./answers.ts";
import { idParameter } from "./parameters.ts";

const params = { id: idParameter("rule", "rule") };

const narrowing = z.strictObject({
  scope: ruleScope.refine((scope) => Object.keys(scope).length > 0, {
    message: "has no limit: give record_id, max_amount_cents, until or max_uses",
  }),
});

/** Rules that Allow Always made. */
export const ruleRoutes = ({ crm }: { crm: Crm }): Route[] => [
  defineRoute({
    method: "get",
    path: "/api/rules",
    id: "list_rules",
    summary: "List the rules that Allow Always created",
    for: "people",
    answer: listOf(Rule),
    handler: ({ principal }) => crm.rules(principal),
  }),
  defineRoute({
    method: "get",
    path: "/api/rules/:id",
    id: "read_rule",
    summary: "Read one rule",
    for: "people",
    params,
    answer: Rule,
    async handler({ principal, params: { id } }) {
      const { items } = await crm.rules(principal);
      const rule = items.find((each) => each.id === id);
      if (!rule) throw notFound("rule", id);
      return rule;
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/rules/:id",
    id: "narrow_rule",
    summary: "Narrow a rule",
    description: "A rule can never be widened: revoke it and choose Allow Always again.",
    for: "people",
    params,
    body: narrowing,
    answer: Rule,
    refusals: ["invalid_state"],
    handler: ({ principal, params, body }) => crm.narrowRule(principal, params.id, body.scope),
  }),
  defineRoute({
    method: "delete",
    path: "/api/rules/:id",
    id: "revoke_rule",
    summary: "Revoke a rule",
    for: "people",
    params,
    answer: Rule,
    handler: ({ principal, params }) => crm.revokeRule(principal, params.id),
  }),
];

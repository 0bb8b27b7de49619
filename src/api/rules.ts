import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { ruleScope } from "../domain/authorization/decide.ts";
import { notFound } from "../domain/core/errors.ts";
import { parse } from "../domain/core/input.ts";
import type { Crm } from "../domain/core/ports.ts";
import { idIn } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";

export const narrowing = z.strictObject({
  scope: ruleScope.refine((scope) => Object.keys(scope).length > 0, {
    message: "names no limit: give record_id, max_amount_cents, until or max_uses",
  }),
});

/** What "Allow Always" left behind: for the owner and the office only. */
export function ruleRoutes(crm: Crm, deciders: RequestHandler): Router {
  const router = Router();
  router.use("/rules", deciders);

  router
    .route("/rules")
    .get(async (_request, response) => answer(response, await crm.rules(principalOf(response))))
    .all(methodNotAllowed("GET"));

  router
    .route("/rules/:id")
    .get(async (request, response) => {
      const id = idIn(request, "rule", "rule");
      const { items } = await crm.rules(principalOf(response));
      const rule = items.find((each) => each.id === id);
      if (!rule) throw notFound("rule", id);
      answer(response, rule);
    })
    .post(jsonBody, async (request, response) => {
      const id = idIn(request, "rule", "rule");
      const { scope } = parse(narrowing, request.body ?? {});
      answer(response, await crm.narrowRule(principalOf(response), id, scope));
    })
    .delete(async (request, response) => {
      answer(response, await crm.revokeRule(principalOf(response), idIn(request, "rule", "rule")));
    })
    .all(methodNotAllowed("GET", "POST", "DELETE"));

  return router;
}

import { type RequestHandler, Router } from "express";
import type { Crm } from "../domain/core/ports.ts";
import { idIn } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { answer, methodNotAllowed } from "./errors.ts";

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
    .delete(async (request, response) => {
      answer(response, await crm.revokeRule(principalOf(response), idIn(request, "rule", "rule")));
    })
    .all(methodNotAllowed("DELETE"));

  return router;
}

import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { ruleScope } from "../domain/authorization/decide.ts";
import { parse } from "../domain/core/input.ts";
import type { Crm } from "../domain/core/ports.ts";
import { AUTHORIZATION_STATUSES } from "../entities/authorization.ts";
import { idIn, pageParameters, queryOf } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";

export const authorizationsQuery = z.strictObject({
  status: z.enum(AUTHORIZATION_STATUSES).optional(),
  ...pageParameters,
});

export const decisionInput = z
  .strictObject({
    decision: z.enum(["authorized", "denied"]),
    notes: z.string().max(10_000).optional(),
    upgrade_permission: z.boolean().optional(),
    scope: ruleScope.optional(),
    view_hash: z.string().max(200).optional(),
  })
  .refine(({ decision, upgrade_permission }) => decision === "authorized" || !upgrade_permission, {
    path: ["upgrade_permission"],
    message: "goes with authorized only: there is nothing to allow always",
  })
  .refine(({ scope: given, upgrade_permission }) => given === undefined || upgrade_permission === true, {
    path: ["scope"],
    message: "narrows an Allow Always: send upgrade_permission: true with it",
  });

export function authorizationRoutes(crm: Crm, deciders: RequestHandler): Router {
  const router = Router();

  router
    .route("/authorizations")
    .get(async (request, response) => {
      answer(
        response,
        await crm.authorizations(principalOf(response), queryOf(request, authorizationsQuery)),
      );
    })
    .all(deciders, methodNotAllowed("GET"));

  router
    .route("/authorizations/:id")
    .get(async (request, response) => {
      const id = idIn(request, "auth", "authorization");
      answer(response, await crm.authorization(principalOf(response), id));
    })
    .post(deciders, jsonBody, async (request, response) => {
      const id = idIn(request, "auth", "authorization");
      const given = parse(decisionInput, request.body ?? {});
      const decision = {
        decision: given.decision,
        ...(given.notes !== undefined && { notes: given.notes }),
        ...(given.upgrade_permission !== undefined && { upgradePermission: given.upgrade_permission }),
        ...(given.scope !== undefined && { scope: given.scope }),
        ...(given.view_hash !== undefined && { viewHash: given.view_hash }),
      };
      answer(response, await crm.decide(principalOf(response), id, decision));
    })
    .all(deciders, methodNotAllowed("GET", "POST"));

  return router;
}

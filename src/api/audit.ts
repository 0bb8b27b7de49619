import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { idOf } from "../domain/core/ids.ts";
import type { Crm } from "../domain/core/ports.ts";
import { pageParameters, queryOf } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { answer, methodNotAllowed } from "./errors.ts";

/** What the audit can be asked for, here and on its page. */
export const auditQuery = z.strictObject({
  entity: z.string().min(1).max(100).optional(),
  actor: z.string().trim().min(1).max(200).optional(),
  job: idOf("job").optional(),
  ...pageParameters,
});

/** Who did what, when, why, before and after: for the owner and the office only. */
export function auditRoutes(crm: Crm, deciders: RequestHandler): Router {
  const router = Router();
  router
    .route("/audit")
    .all(deciders)
    .get(async (request, response) => {
      answer(response, await crm.audit(principalOf(response), queryOf(request, auditQuery)));
    })
    .all(methodNotAllowed("GET"));
  return router;
}

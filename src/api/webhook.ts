import { type RequestHandler, Router } from "express";
import { parse } from "../domain/core/input.ts";
import { type WebhookDesk, webhookInput } from "../domain/webhook/endpoint.ts";
import { principalOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";

/** Where the owner is told of what happens: for the owner's session only. */
export function webhookRoutes(desk: WebhookDesk, deciders: RequestHandler): Router {
  const router = Router();
  router
    .route("/webhook")
    .all(deciders)
    .get(async (_request, response) => answer(response, await desk.read(principalOf(response))))
    .put(jsonBody, async (request, response) => {
      answer(response, await desk.set(principalOf(response), parse(webhookInput, request.body ?? {})));
    })
    .delete(async (_request, response) => answer(response, await desk.remove(principalOf(response))))
    .all(methodNotAllowed("GET", "PUT", "DELETE"));
  return router;
}

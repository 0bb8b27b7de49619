import { Router } from "express";
import type { Principal } from "../domain/core/principal.ts";
import { principalOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";
import type { AgentLimits } from "./limits.ts";

export interface ToolDescription {
  name: string;
  title: string;
  description: string;
  /** JSON Schema 2020-12 of an object. */
  inputSchema: Record<string, unknown>;
  outputSchema: Record<string, unknown>;
}

/** The MCP tools, made elsewhere; `call` answers the data or throws a CrmError. */
export interface ToolBox {
  list(): ToolDescription[];
  call(actor: Principal, name: string, input: unknown): Promise<unknown>;
}

/** The MCP tools over plain HTTP: the stdio server is a thin client of these. */
export function toolRoutes(tools: ToolBox, limits: AgentLimits): Router {
  const router = Router();

  router
    .route("/tools")
    .get((_request, response) => answer(response, tools.list()))
    .all(methodNotAllowed("GET"));

  router
    .route("/tools/:name")
    .post(jsonBody, async (request, response) => {
      limits.hold(response);
      const name = String(request.params.name);
      answer(response, await tools.call(principalOf(response), name, request.body ?? {}));
    })
    .all(methodNotAllowed("POST"));

  return router;
}

import { createMcpHandler, type McpServer } from "@modelcontextprotocol/server";
import { toNodeHandler } from "@modelcontextprotocol/node";
import type { RequestHandler } from "express";
import type { Principal } from "../domain/core/principal.ts";
import { type McpLog, makeMcpServer } from "./server.ts";
import type { Tools } from "./tools.ts";

/** The tools over Streamable HTTP, both protocol revisions. */
export function mcpHandler(tools: Tools, { log }: { log: McpLog }): RequestHandler {
  const list = tools.list();
  return mcpMount(
    (actor) => makeMcpServer({ list, call: (name, input) => tools.call(actor, name, input) }, log),
    log,
  );
}

/**
 * Serves MCP without sessions: each POST gets a server of its own.
 * Stands behind the app's checks of host, origin and bearer token, which leave the caller in `response.locals.principal`.
 */
export function mcpMount(serverFor: (actor: Principal) => McpServer, log: McpLog): RequestHandler {
  const onerror = (error: Error) => log.debug({ err: error }, "an MCP request was not served");
  const handler = createMcpHandler(
    ({ authInfo }) => serverFor(authInfo?.extra?.principal as Principal), // Put there below, a few lines on.
    { onerror },
  );
  const serve = toNodeHandler(handler, { onerror });
  return async (request, response) => {
    const principal = response.locals.principal as Principal; // The app's bearer check answers 401 where there is none.
    const auth = { token: "", clientId: principal.id, scopes: [], extra: { principal } };
    await serve(Object.assign(request, { auth }), response, request.body);
  };
}

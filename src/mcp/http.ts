import { createMcpHandler, type McpServer } from "@modelcontextprotocol/server";
import { toNodeHandler } from "@modelcontextprotocol/node";
import type { RequestHandler } from "express";
import type { Principal } from "../domain/core/principal.ts";
import { type CallableTool, type McpLog, makeMcpServer } from "./server.ts";
import type { Tools } from "./tools.ts";

/** Serves the tools over Streamable HTTP, in both protocol revisions. */
export function mcpHandler(tools: Tools, { log }: { log: McpLog }): RequestHandler {
  const list = tools.list();
  const find = ({ principal, hungUp }: Caller, name: string): CallableTool => {
    const { answers, call } = tools.find(name);
    const signalOf = (cancelled: AbortSignal) => (hungUp ? AbortSignal.any([cancelled, hungUp]) : cancelled);
    return { answers, call: (input, cancelled) => call(principal, input, signalOf(cancelled)) };
  };
  return mcpMount((caller) => makeMcpServer({ list, find: (name) => find(caller, name) }, log), log);
}

/** The caller of one request. */
interface Caller {
  principal: Principal;
  /** Aborts when the caller hangs up before the answer. */
  hungUp?: AbortSignal | undefined;
}

/**
 * Serves MCP without sessions: a new server for each POST. Mount it after the app's checks of host, origin and bearer
 * token, which set `response.locals.principal`.
 */
export function mcpMount(serverFor: (caller: Caller) => McpServer, log: McpLog): RequestHandler {
  const onerror = (error: Error) => log.debug({ err: error }, "an MCP request failed");
  const handler = createMcpHandler(
    ({ authInfo }) => serverFor(authInfo?.extra?.caller as Caller), // Set below.
    { onerror },
  );
  const serve = toNodeHandler(handler, { onerror });
  return async (request, response) => {
    const { principal, hungUp } = response.locals as Caller; // Set by the app's first checks.
    const caller: Caller = { principal, hungUp };
    const auth = { token: "", clientId: principal.id, scopes: [], extra: { caller } };
    await serve(Object.assign(request, { auth }), response, request.body);
  };
}

import type { RequestHandler } from "express";
import type { AccessWatch } from "../crm/access.ts";
import { noSuchPath } from "./errors.ts";
import { defineRoute, type Route } from "./route.ts";
import type { AgentLimits } from "./security/limits.ts";
import { endWithAccess } from "./security/open-requests.ts";

interface Holding {
  limits: AgentLimits;
  access: AccessWatch;
}

/** The MCP endpoint. A process that does not serve MCP answers not_found to a valid token. */
export const mcpRoutes = (mcp: RequestHandler | undefined, holding: Holding): Route[] => [
  defineRoute({
    method: "all",
    path: "/mcp/*",
    summary: "The MCP endpoint",
    for: "token",
    hidden: "MCP describes its own tools.",
    bodyType: "json",
    before: mcp ? [holdOpen(holding), mcp] : [],
    answer: "application/json",
    handler: ({ request }) => noSuchPath(request),
  }),
];

/** Counts the request as waiting: a tool may wait for its job. It is cut off when its token ends. */
const holdOpen =
  ({ limits, access }: Holding): RequestHandler =>
  (_request, response, next) => {
    limits.hold(response);
    // The handler has sent its headers already and streams: only the connection can be cut.
    endWithAccess(access, response, () => void response.destroy());
    next();
  };

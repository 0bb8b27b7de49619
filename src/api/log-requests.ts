import { randomBytes } from "node:crypto";
import type { Request, RequestHandler } from "express";
import type { Logger } from "pino";
import { principalKey } from "../domain/core/principal.ts";
import { locals } from "./auth.ts";
import { SAFE, segmentsOf } from "./paths.ts";

/**
 * One line per request: at info where something was to change or was refused, at debug where it was only read. It says
 * the route and not the path, and who by id: paths and names hold tokens and people.
 */
export function logRequests(log: Logger): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    const request_id = `req_${randomBytes(6).toString("hex")}`;
    response.set("X-Request-Id", request_id);
    response.once("close", () => {
      const { principal } = locals(response);
      const line = {
        request_id,
        method: request.method,
        route: routeOf(request),
        status: response.statusCode,
        ms: Math.round(performance.now() - began),
        principal: principal ? principalKey(principal) : "anonymous",
        ...(!response.writableFinished && { cut: true }),
      };
      const quiet = SAFE.has(request.method) && response.statusCode < 400;
      log[quiet ? "debug" : "info"](line, "request");
    });
    next();
  };
}

/** `/api/jobs/:id`; of a path that met no route only the room, because the rest is whatever the caller wrote. */
export function routeOf(request: Request): string {
  const route: unknown = request.route;
  const path = typeof route === "object" && route !== null && "path" in route ? String(route.path) : null;
  if (path !== null) return request.baseUrl + path;
  const [root = ""] = segmentsOf(request.originalUrl);
  return ROOMS.has(root) ? `/${root}/…` : "/…";
}

const ROOMS = new Set(["api", "mcp", "admin", "assets", "login", "logout", "welcome"]);

import { randomBytes } from "node:crypto";
import type { RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { principalKey } from "../domain/core/principal.ts";
import { locals } from "./security/authenticate.ts";
import { SAFE } from "./security/paths.ts";

/**
 * One line per request: at info where it changes something or was refused, at debug where it only reads. The line has
 * the route instead of the path, and the caller's id instead of a name: paths and names may contain tokens or personal data.
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
        route: routeName(response),
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

/** `/api/jobs/:id`; of a path without a route only its first segment, where the table knows it. */
export const routeName = (response: Response): string => locals(response).match?.name ?? "/…";

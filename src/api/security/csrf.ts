import type { Request, RequestHandler } from "express";
import { sameSecret } from "../../identity/secrets.ts";
import { locals } from "./authenticate.ts";
import { SAFE } from "./paths.ts";
import type { SecurityLog } from "./security-log.ts";
import { type CrmError, forbidden } from "../../domain/core/errors.ts";

/** Requires the session's CSRF token, in the header or the form, for requests that change something. */
export function checkCsrf(securityLog: SecurityLog): RequestHandler {
  return async (request, response, next) => {
    const { session } = locals(response);
    if (session && !SAFE.has(request.method) && !sameSecret(csrfIn(request), session.csrfToken))
      await securityLog.refuse(response, "CSRF token missing or wrong", badCsrf());
    next();
  };
}

function csrfIn(request: Request): unknown {
  const header = request.get("X-CSRF-Token");
  if (header !== undefined) return header;
  const body: unknown = request.body;
  return typeof body === "object" && body !== null && "_csrf" in body ? body._csrf : undefined;
}

const badCsrf = (): CrmError =>
  forbidden(
    "The CSRF token is missing or belongs to another session.",
    "Send csrf_token of GET /api/session as X-CSRF-Token; on a page, reload it and try again.",
  );

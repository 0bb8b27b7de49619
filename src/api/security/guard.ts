import type { RequestHandler } from "express";
import { type CrmError, forbidden } from "../../domain/core/errors.ts";
import { mayDecide, type Principal } from "../../domain/core/principal.ts";
import type { Audience } from "../route.ts";
import { locals, matchOf, unauthenticated } from "./authenticate.ts";
import { SAFE, isCrooked } from "./paths.ts";
import type { SecurityLog } from "./security-log.ts";

interface Refusal {
  reason: string;
  error: CrmError;
  /** Whether it is stored as a security event. A missing token on a route for programs is not. */
  stored: boolean;
}

const OPEN: readonly Audience[] = ["everyone", "public"];
/** For signed-in people of any role; `visitor` also without a session. */
const ANY_PERSON: readonly Audience[] = ["visitor", "session"];
const FOR_AGENTS: readonly Audience[] = ["agent", "token"];

/** Why this caller may not use a route of that audience; null where it may. */
export function refusalFor(audience: Audience, principal: Principal | undefined): Refusal | null {
  if (OPEN.includes(audience)) return null;
  if (!principal) return audience === "visitor" ? null : noSession(audience);
  if (principal.kind === "agent")
    return FOR_AGENTS.includes(audience)
      ? null
      : refusal("an agent's token on a route for people", noAgents());
  if (ANY_PERSON.includes(audience)) return null;
  if (!mayDecide(principal)) return refusal("a technician", noTechnicians());
  if (audience === "token") return noSession(audience);
  if (audience === "owner" && principal.kind !== "owner") return refusal("not the owner", ownersOnly());
  return null;
}

const refusal = (reason: string, error: CrmError): Refusal => ({ reason, error, stored: true });

const noSession = (audience: Audience): Refusal => ({
  reason: "nobody signed in",
  error: unauthenticated(),
  stored: audience === "people" || audience === "owner",
});

/** Throws where the caller may not use a route of that audience. */
export function admit(securityLog: SecurityLog, of?: Audience): RequestHandler {
  return async (request, response, next) => {
    const { principal, badToken } = locals(response);
    const { audience, page } = matchOf(response);
    const refused = refusalFor(of ?? audience, principal);
    if (!refused) return next();
    // Reading a page without a session redirects to the sign-in form.
    const signsIn = !principal && page && SAFE.has(request.method);
    if (signsIn && of === undefined) return next();
    if (signsIn) return response.redirect(303, `/login?next=${encodeURIComponent(request.originalUrl)}`);
    const error = !principal && badToken ? unauthenticated(badToken) : refused.error;
    if (!refused.stored) throw error;
    await securityLog.refuse(response, refused.reason, error);
  };
}

/** Runs before every route and checks the path against the route table; stores refusals as security events. */
export function guard(securityLog: SecurityLog): RequestHandler[] {
  return [
    async (request, response, next) => {
      if (isCrooked(request.path)) await securityLog.refuse(response, "a path with detours", noDetours());
      next();
    },
    admit(securityLog),
  ];
}

const noAgents = (): CrmError =>
  forbidden(
    "An agent's token can never do this; only a person who is signed in can.",
    "Ask the owner to open the approval_url in a browser and decide there; then poll job_status.",
  );

const noDetours = (): CrmError =>
  forbidden(
    "Paths with empty or dot segments, backslashes or encoded slashes are refused.",
    "Write the path plainly, such as /api/contacts.",
  );

const noTechnicians = (): CrmError =>
  forbidden("Technicians have no access to this yet.", "Ask the owner or the office.");

const ownersOnly = (): CrmError => forbidden("Only the owner can do this.", "Ask the owner.");

import type { Request, RequestHandler } from "express";
import { type CrmError, forbidden } from "../domain/core/errors.ts";
import { mayDecide } from "../domain/core/principal.ts";
import { locals, unauthenticated } from "./auth.ts";
import { READS, SAFE, isCrooked, segmentsOf } from "./paths.ts";
import { same } from "./sessions.ts";
import type { Watch } from "./watch.ts";

/** Under /api, what is for people alone; rooms that come later are shut from the start. */
const PEOPLE = new Set([
  "audit",
  "events",
  "rules",
  "settings",
  "tokens",
  "users",
  "webhook",
  "session",
  "login",
  "logout",
]);
/** What a person may reach whatever the role. */
const EVERYBODY = new Set(["assets", "login", "logout", "welcome"]);

/** An agent's token opens /api without these, and /mcp: everything else is for people. */
function forPeople(method: string, [root, resource = ""]: string[]): boolean {
  if (root === "mcp") return false;
  if (root !== "api") return true;
  return PEOPLE.has(resource) || (resource === "authorizations" && !READS.has(method));
}

/** Stands before every route and looks at the path, not at the route: what it refuses is kept as a security event. */
export function guard(watch: Watch): RequestHandler {
  return async (request, response, next) => {
    const segments = segmentsOf(request.path);
    const { principal } = locals(response);
    if (isCrooked(request.path)) await watch.refuse(request, response, "a crooked path", noDetours());
    if (principal?.kind === "agent" && forPeople(request.method, segments))
      await watch.refuse(request, response, "an agent's token where only people may go", noAgents());
    if (principal?.kind === "technician" && !EVERYBODY.has(segments[0] ?? "") && !isSession(segments))
      await watch.refuse(request, response, "a technician", noTechnicians());
    if (!principal && mustBeKnown(request.method, segments))
      await watch.refuse(request, response, "nobody signed in", unauthenticated(response));
    next();
  };
}

const isSession = ([root, resource]: string[]) => root === "api" && resource === "session";

/** Where a try by nobody is worth keeping. Reading a page is not: that is how signing in begins. */
function mustBeKnown(method: string, segments: string[]): boolean {
  const [root = ""] = segments;
  if (root === "api") return forPeople(method, segments) && !isSession(segments);
  return root !== "mcp" && !EVERYBODY.has(root) && !SAFE.has(method);
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
  forbidden("There is nothing here for technicians yet.", "Ask the owner or the office.");

/** For routes of the owner and the office. The guard has been passed; this holds should a path ever slip by it. */
export function deciders(watch: Watch): RequestHandler {
  return async (request, response, next) => {
    const { session, principal } = locals(response);
    if (!principal) await watch.refuse(request, response, "nobody signed in", unauthenticated(response));
    if (!session || !mayDecide(session.principal))
      await watch.refuse(request, response, "not the owner or the office", noAgents());
    next();
  };
}

/** A session's unsafe request must bring the session's own token: in the header, or in a page's form. */
export function checkCsrf(watch: Watch): RequestHandler {
  return async (request, response, next) => {
    const { session } = locals(response);
    if (session && !SAFE.has(request.method) && !same(csrfGiven(request), session.csrfToken))
      await watch.refuse(request, response, "CSRF token missing or wrong", badCsrf());
    next();
  };
}

function csrfGiven(request: Request): unknown {
  const header = request.get("X-CSRF-Token");
  if (header !== undefined) return header;
  const body: unknown = request.body;
  return typeof body === "object" && body !== null && "_csrf" in body ? body._csrf : undefined;
}

const badCsrf = (): CrmError =>
  forbidden(
    "The CSRF token is missing or belongs to another sign-in.",
    "Send csrf_token of GET /api/session as X-CSRF-Token; on a page, reload it and try again.",
  );

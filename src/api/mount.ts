import type { Express, Request, RequestHandler } from "express";
import type { AccessWatch } from "../crm/access.ts";
import { parse, parseEnvelope } from "../domain/core/input.ts";
import { answer, methodNotAllowed } from "./errors.ts";
import { type BodyType, type Call, isPage, type Method, mountPoint, type Route } from "./route.ts";
import { locals, principalOf, unauthenticated } from "./security/authenticate.ts";
import { bodyReaders } from "./security/body.ts";
import { checkCsrf } from "./security/csrf.ts";
import { admit } from "./security/guard.ts";
import type { AgentLimits } from "./security/limits.ts";
import { endWithAccess } from "./security/open-requests.ts";
import type { SecurityLog } from "./security/security-log.ts";

export interface Gate {
  access: AccessWatch;
  securityLog: SecurityLog;
  limits: AgentLimits;
}

/** Registers routes with Express. Every chain checks the caller again, in case a path gets past the guard. */
export function mount(app: Express, routes: readonly Route[], gate: Gate): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const samePath = routes.filter((route) => route.path === path);
    const [first] = samePath;
    const below = first && mountPoint(first);
    if (first && below) {
      app.use(below, ...chainOf(first, gate));
      continue;
    }
    const express = app.route(path);
    for (const route of samePath) express[methodOf(route)](...chainOf(route, gate));
    express.all(methodNotAllowed(samePath.map(({ method }) => method.toUpperCase())));
  }
}

/** `all` needs a path that ends in `/*`. */
function methodOf({ method, path }: Route): Method {
  if (method === "all") throw new Error(`${path}: a route for all methods ends in /*`);
  return method;
}

function chainOf(route: Route, gate: Gate): RequestHandler[] {
  const { securityLog, limits } = gate;
  const open = route.for === "everyone" || route.for === "public";
  const csrf = route.csrf ?? !(open || route.for === "visitor");
  const bodyType = bodyTypeOf(route);
  const check = csrf ? [checkCsrf(securityLog)] : [];
  const read = bodyType ? [bodyReaders[bodyType]] : [];
  return [
    ...(open ? [] : [admit(securityLog, route.for)]),
    ...(route.for === "agent" || route.for === "token" ? [limits.calls] : []),
    // A form carries its token in the body, so the body is read first.
    ...(bodyType === "form" ? [...read, ...check] : [...check, ...read]),
    ...(route.before ?? []),
    run(route, gate),
  ];
}

function bodyTypeOf({ bodyType, body }: Route): BodyType | null {
  return bodyType ?? (body ? "json" : null);
}

const run =
  (route: Route, { limits, access }: Gate): RequestHandler =>
  async (request, response) => {
    const result = await new Promise<unknown>((resolve, reject) => {
      const hold = (): void => {
        limits.hold(response);
        // A caller whose token ends while it waits gets no answer to its request any more.
        endWithAccess(access, response, () => reject(unauthenticated(true)));
      };
      const handled = async () => route.handler(callOf(route, { request, response, hold }));
      handled().then(resolve, reject);
    });
    if (typeof route.answer === "object") answer(response, result, response.statusCode);
    else if (isPage(route) && typeof result === "string") response.type("html").send(result);
  };

function callOf(
  route: Route,
  { request, response, hold }: Pick<Call, "request" | "response" | "hold">,
): Call {
  return {
    request,
    response,
    get principal() {
      return principalOf(response);
    },
    signal: locals(response).hungUp,
    params: paramsOf(route, request),
    query: route.query && parse(route.query, { ...request.query }),
    body: bodyOf(route, request),
    hold,
  };
}

const paramsOf = ({ params = {} }: Route, request: Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [
      name,
      params[name]?.read(String(value)) ?? String(value),
    ]),
  );

function bodyOf(route: Route, request: Request): unknown {
  const body: unknown = request.body;
  const bodyType = bodyTypeOf(route);
  if (bodyType === "raw") return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const given = bodyType === "form" ? formFields(body) : (body ?? {});
  if (!route.body) return bodyType === "form" ? given : undefined;
  return route.bodyIsSubmission ? parseEnvelope(route.body, given) : parse(route.body, given);
}

/** A form's fields; a repeated field counts as missing because it is ambiguous. */
const formFields = (body: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(body ?? {}).filter((field): field is [string, string] => typeof field[1] === "string"),
  );

import express, { type RequestHandler } from "express";
import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import { makeWebhookDesk } from "../crm/webhook-endpoint.ts";
import { Settings } from "../entities/settings.ts";
import { pages as consolePages } from "./console/index.ts";
import { headerOf, navigationOf, type Page, pageRoutes } from "./console/page.ts";
import { assetRoutes } from "./console/static.ts";
import { errorHandler, noSuchPath } from "./errors.ts";
import { logRequests } from "./log-requests.ts";
import { mcpRoutes } from "./mcp.ts";
import { mount } from "./mount.ts";
import { docsRoutes } from "./openapi/docs.ts";
import { documentOf } from "./openapi/document.ts";
import { type RestParts, restRoutes } from "./rest/index.ts";
import type { Route } from "./route.ts";
import { makeRouteTable, type RouteTable } from "./route-table.ts";
import { identify, locals } from "./security/authenticate.ts";
import { admit, guard } from "./security/guard.ts";
import { securityHeaders } from "./security/headers.ts";
import { type AgentLimits, type Limits, makeLimits } from "./security/limits.ts";
import { checkHost, checkOrigin } from "./security/origin.ts";
import { makeSecurityLog, type SecurityLog } from "./security/security-log.ts";

export interface ApiParts extends Omit<RestParts, "webhook" | "securityLog"> {
  log: Logger;
  limits: Limits;
  /** Addresses (CIDR) of reverse proxies whose X-Forwarded-For names the caller. Left out: nobody's does. */
  trustProxy?: readonly string[];
  /** Serves /mcp, for agents only. */
  mcp?: RequestHandler;
  /** Bull Board, for owners only: see makeBoard. */
  board?: RequestHandler;
  /** Every resource of the API where it is left out. */
  rest?: (parts: RestParts) => Route[];
  /** Every page of the console where it is left out. */
  pages?: readonly Page[];
}

/** The whole HTTP interface. The order matters for security: host, caller, origin, guard, then routes. */
export function makeApp(parts: ApiParts): express.Express {
  const { db, log, publicUrl, now } = parts;
  const securityLog = makeSecurityLog(db, log);
  const limits = makeLimits(parts.limits);
  const { routes, header } = assemble(parts, securityLog, limits);
  const table = makeRouteTable(routes);
  const gate = { securityLog, limits, access: parts.access };
  const beforeGuard = ({ for: audience }: Route) => audience === "everyone";
  const app = express();
  // Tests compare this list with what Express serves.
  app.locals["routes"] = routes;
  app.set("trust proxy", parts.trustProxy?.length ? parts.trustProxy : false);
  app.disable("x-powered-by").disable("etag").set("query parser", "simple");
  app.use(matchRoute(table), logRequests(log), securityHeaders(publicUrl));
  mount(app, routes.filter(beforeGuard), gate);
  app.use(checkHost(publicUrl, securityLog), identify(db, now), checkOrigin(publicUrl, securityLog));
  app.use(guard(securityLog));
  mount(
    app,
    routes.filter((route) => !beforeGuard(route)),
    gate,
  );
  // Anonymous callers get the sign-in page for unknown paths too, so that they cannot probe for pages.
  app.use(signInFirst(securityLog), (request) => noSuchPath(request, table));
  app.use(errorHandler(log, header));
  return app;
}

/** Every route of the app, and what error pages show in their header. */
function assemble(parts: ApiParts, securityLog: SecurityLog, limits: AgentLimits) {
  const { db, now, rest = restRoutes, pages = consolePages } = parts;
  const webhook = makeWebhookDesk(db, now);
  const forPages = {
    ...parts,
    webhook,
    securityLog,
    zone: async () => (await settingsOf(db)).timezone,
    currency: async () => (await settingsOf(db)).currency,
    navigation: (principal: Parameters<typeof navigationOf>[1]) => navigationOf(pages, principal),
  };
  const routes: Route[] = [
    ...rest({ ...parts, webhook, securityLog }),
    ...mcpRoutes(parts.mcp, { limits, access: parts.access }),
    ...assetRoutes(),
    ...pageRoutes(pages, forPages),
  ];
  routes.push(...docsRoutes(() => documentOf(routes), limits.documents));
  return { routes, header: (session: Parameters<typeof headerOf>[1]) => headerOf(forPages, session) };
}

const settingsOf = (db: DataSource) => db.getRepository(Settings).findOneByOrFail({ id: "settings" });

/** Stores the request's match with the route table on the response, and a signal for a caller who hangs up. */
export const matchRoute =
  (table: RouteTable): RequestHandler =>
  (request, response, next) => {
    const hangUp = new AbortController();
    response.once("close", () => response.writableFinished || hangUp.abort());
    Object.assign(locals(response), {
      match: table.match(request.method, request.originalUrl),
      hungUp: hangUp.signal,
    });
    next();
  };

const signInFirst = (securityLog: SecurityLog): RequestHandler => {
  const people = admit(securityLog, "people");
  return (request, response, next) => {
    const { match, principal } = locals(response);
    return match?.page && !principal ? people(request, response, next) : next();
  };
};

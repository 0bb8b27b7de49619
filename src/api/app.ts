import express, { type RequestHandler } from "express";
import type { Logger } from "pino";
import type { DataSource } from "typeorm";
import { CrmError, forbidden } from "../domain/core/errors.ts";
import type { Crm } from "../domain/core/ports.ts";
import type { Registry } from "../domain/core/registry.ts";
import { makeWebhookDesk } from "../domain/webhook/endpoint.ts";
import { Settings } from "../entities/technician.ts";
import { actionRoutes } from "./actions.ts";
import { auditRoutes } from "./audit.ts";
import { identify, locals, principalOf, unauthenticated } from "./auth.ts";
import { authorizationRoutes } from "./authorizations.ts";
import { BOARD_PATH } from "./board.ts";
import { formBody, jsonBody } from "./body.ts";
import { errorHandler } from "./errors.ts";
import { eventRoutes } from "./events.ts";
import { checkCsrf, deciders, guard } from "./guard.ts";
import { boardHeaders, securityHeaders } from "./headers.ts";
import { welcomeRoutes } from "./invitations.ts";
import { type Health, healthRoutes } from "./health.ts";
import { jobRoutes } from "./jobs.ts";
import { logRequests } from "./log-requests.ts";
import { type AgentLimits, type Limits, makeLimits } from "./limits.ts";
import { loginRoutes } from "./login.ts";
import { openApi } from "./openapi/index.ts";
import { docsRoutes } from "./openapi/routes.ts";
import { checkHost, checkOrigin } from "./origin.ts";
import { pagesRouter } from "./pages/index.ts";
import { pendingFor } from "./pages/parts.ts";
import { SAFE } from "./paths.ts";
import { recordRoutes } from "./records.ts";
import { ruleRoutes } from "./rules.ts";
import { type ToolBox, toolRoutes } from "./tools.ts";
import { userRoutes } from "./users.ts";
import { type Watch, makeWatch } from "./watch.ts";
import { webhookRoutes } from "./webhook.ts";

export interface ApiParts {
  crm: Crm;
  db: DataSource;
  registry: Registry;
  /** The real one is known only after listening with PORT=0. */
  publicUrl: () => string;
  now: () => Date;
  log: Logger;
  limits: Limits;
  /** How often an event stream looks whether its person is still signed in; 15 seconds where it is left out. */
  heartbeatMs?: number;
  health: Health;
  /** Prometheus text. */
  metrics: () => Promise<string>;
  tools: ToolBox;
  /** Mounted at /mcp, for agents only. */
  mcp?: RequestHandler;
  /** Bull Board, for owners only: see makeBoard. */
  board?: RequestHandler;
}

/** All of HTTP. The order is the safety: host, who asks, origin, guard; only then routes. */
export function makeApp(parts: ApiParts): express.Express {
  const { db, log, publicUrl, now } = parts;
  const watch = makeWatch(db, log);
  const limits = makeLimits(parts.limits);
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", "simple");
  app.use(logRequests(log), securityHeaders(publicUrl));
  app.use(healthRoutes(parts.health, parts.metrics));
  app.use(docsRoutes(openApi(parts.registry, parts.tools.list())));
  app.use(checkHost(publicUrl, watch), identify(db, now), checkOrigin(publicUrl, watch), guard(watch));
  app.use(loginRoutes({ db, now, publicUrl, watch }), welcomeRoutes({ db, now, watch }));
  if (parts.mcp) app.use("/mcp", agentsOnly, limits.calls, jsonBody, holdOpen(limits), parts.mcp);
  app.use("/api", apiRoutes(parts, watch, limits));
  if (parts.board) app.use(BOARD_PATH, signedInPage(watch), ownerReads(watch), boardHeaders, parts.board);
  app.use(signedInPage(watch), formBody, checkCsrf(watch));
  const { crm, registry } = parts;
  const webhook = makeWebhookDesk(db, now);
  app.use(
    pagesRouter({ crm, registry, webhook, now, zone: () => zoneOf(db), currency: () => currencyOf(db) }),
  );
  app.use(nothingHere);
  app.use(errorHandler(log, (principal) => pendingFor(crm, principal)));
  return app;
}

function apiRoutes(parts: ApiParts, watch: Watch, limits: AgentLimits): express.Router {
  const { crm, db, registry, now, tools } = parts;
  const router = express.Router();
  const people = deciders(watch);
  router.use((_request, response, next) => {
    principalOf(response);
    next();
  });
  router.use(limits.calls, checkCsrf(watch));
  router.use(actionRoutes(crm, limits), jobRoutes(crm, limits), toolRoutes(tools, limits));
  router.use(authorizationRoutes(crm, people), ruleRoutes(crm, people), auditRoutes(crm, people));
  router.use(userRoutes(parts, watch), webhookRoutes(makeWebhookDesk(db, now), people));
  router.use(eventRoutes(parts, people), recordRoutes(crm, registry), nothingHere);
  return router;
}

const agentsOnly: RequestHandler = (_request, response, next) => {
  if (locals(response).principal?.kind !== "agent") throw unauthenticated(response);
  next();
};

const holdOpen =
  (limits: AgentLimits): RequestHandler =>
  (_request, response, next) => {
    limits.hold(response);
    next();
  };

/** Pages are for people: others are shown the way in. */
const signedInPage =
  (watch: Watch): RequestHandler =>
  async (request, response, next) => {
    if (locals(response).session || request.path.startsWith("/assets/")) return next();
    if (!SAFE.has(request.method))
      await watch.refuse(request, response, "nobody signed in", unauthenticated(response));
    response.redirect(303, `/login?next=${encodeURIComponent(request.originalUrl)}`);
  };

/** The board shows jobs of everybody, and its buttons must not even knock. */
const ownerReads =
  (watch: Watch): RequestHandler =>
  async (request, response, next) => {
    const owner = locals(response).session?.principal.kind === "owner";
    if (owner && SAFE.has(request.method)) return next();
    const error = forbidden(
      owner ? "The queues can be looked at, not changed." : "Only the owner sees the queues.",
      owner ? "What becomes of a job is decided on its authorization's page." : "Ask the owner.",
    );
    await watch.refuse(request, response, owner ? "a change on the board" : "not the owner", error);
  };

const settingsOf = (db: DataSource) => db.getRepository(Settings).findOneByOrFail({ id: "settings" });
const zoneOf = async (db: DataSource): Promise<string> => (await settingsOf(db)).timezone;
const currencyOf = async (db: DataSource): Promise<string> => (await settingsOf(db)).currency;

const nothingHere: RequestHandler = (request) => {
  throw new CrmError(
    "not_found",
    `There is nothing at ${request.originalUrl.split("?", 1)[0]?.slice(0, 80)}.`,
    {
      hint: "GET /api/capabilities lists what the API offers; /authorizations is where people start.",
    },
  );
};

import type { DataSource } from "typeorm";
import type { AccessWatch } from "../../crm/access.ts";
import type { Crm } from "../../crm/contract.ts";
import type { WebhookDesk } from "../../crm/webhook-endpoint.ts";
import type { Registry } from "../../domain/core/registry.ts";
import { calendarRoutes } from "../calendar/feed.ts";
import { visitRoutes } from "../visit/routes.ts";
import type { Route } from "../route.ts";
import type { SecurityLog } from "../security/security-log.ts";
import { actionRoutes } from "./actions.ts";
import { auditRoutes } from "./audit.ts";
import { authorizationRoutes } from "./authorizations.ts";
import { eventRoutes } from "./events.ts";
import { type Health, healthRoutes } from "./health.ts";
import { jobRoutes } from "./jobs.ts";
import { recordRoutes } from "./records.ts";
import { ruleRoutes } from "./rules.ts";
import { sessionRoutes } from "./session.ts";
import { tokenRoutes } from "./tokens.ts";
import { type ToolBox, toolRoutes } from "./tools.ts";
import { userRoutes } from "./users.ts";
import { webhookRoutes } from "./webhook.ts";

export interface RestParts {
  crm: Crm;
  access: AccessWatch;
  db: DataSource;
  registry: Registry;
  tools: ToolBox;
  webhook: WebhookDesk;
  securityLog: SecurityLog;
  health: Health;
  /** What `/readyz` says although everything answers, by name. */
  warnings?: () => Record<string, string>;
  metrics: () => Promise<string>;
  publicUrl: () => string;
  now: () => Date;
  heartbeatMs?: number | undefined;
}

/** Every resource of the API. */
export const restRoutes = (parts: RestParts): Route[] => [
  ...actionRoutes(parts),
  ...jobRoutes(parts),
  ...toolRoutes(parts),
  ...authorizationRoutes(parts),
  ...ruleRoutes(parts),
  ...auditRoutes(parts),
  ...eventRoutes(parts),
  ...userRoutes(parts),
  ...tokenRoutes(parts),
  ...webhookRoutes(parts),
  ...sessionRoutes(parts),
  ...recordRoutes(parts),
  ...calendarRoutes(parts),
  ...visitRoutes(parts),
  ...healthRoutes(parts),
];

import { accountPage } from "./account/routes.ts";
import { auditPage } from "./audit/routes.ts";
import { authorizationsPage } from "./authorizations/routes.ts";
import { jobsPage } from "./jobs/routes.ts";
import { loginPage } from "./login/routes.ts";
import { messagesPage } from "./messages/routes.ts";
import type { Page } from "./page.ts";
import { queuesPage } from "./queues/routes.ts";
import { rulesPage } from "./rules/routes.ts";
import { tokensPage } from "./tokens/routes.ts";
import { webhookPage } from "./webhook/routes.ts";
import { welcomePage } from "./welcome/routes.ts";

/** Every page of the console, in the order of the navigation. */
export const pages: readonly Page[] = [
  authorizationsPage,
  jobsPage,
  messagesPage,
  webhookPage,
  rulesPage,
  tokensPage,
  auditPage,
  queuesPage,
  accountPage,
  loginPage,
  welcomePage,
];

import type { RequestHandler, Response } from "express";
import type { DataSource } from "typeorm";
import type { Crm } from "../../crm/contract.ts";
import type { WebhookDesk } from "../../crm/webhook-endpoint.ts";
import { validationFailed } from "../../domain/core/errors.ts";
import { mayDecide, type Principal } from "../../domain/core/principal.ts";
import type { Registry } from "../../domain/core/registry.ts";
import type { Audience, Call, Route } from "../route.ts";
import { textParameter } from "../rest/parameters.ts";
import { locals } from "../security/authenticate.ts";
import { refusalFor } from "../security/guard.ts";
import type { SecurityLog } from "../security/security-log.ts";
import type { Frame, NavigationEntry, Session } from "./ui/layout.tsx";
import type { Setting } from "./ui/time.tsx";

export interface PageParts {
  crm: Crm;
  db: DataSource;
  registry: Registry;
  webhook: WebhookDesk;
  securityLog: SecurityLog;
  publicUrl: () => string;
  now: () => Date;
  /** The time zone of the business, for the times on pages. */
  zone: () => Promise<string>;
  /** ISO 4217. */
  currency: () => Promise<string>;
  /** Bull Board, where this process serves it. */
  board?: RequestHandler | undefined;
  /** The pages that this person may open. */
  navigation(principal: Principal): readonly NavigationEntry[];
}

/** A page of the console: its routes, its entry in the navigation and who may open it. */
export interface Page {
  path: string;
  /** Title in the main navigation; left out: other pages link to it. */
  navigation?: string;
  for: Audience;
  routes(parts: PageParts): PageRoute[];
}

/** A route of a page; `for` defaults to the page's. */
type PageRoute = Omit<Route, "for"> & { for?: Audience };

export const definePage = (page: Page): Page => page;

/** The names of a path's parameters: `id` of `/jobs/:id/undo`. */
type Names<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer More}`
    ? Name | Names<More>
    : Rest
  : never;

type Returned = string | void;

interface PageHandler<Path extends string, Body> {
  path: Path;
  summary: string;
  for?: Audience;
  handler(call: Call<undefined, Body, Names<Path>>): Returned | Promise<Returned>;
}

/** A page that is read. The handler returns its HTML, or redirects. */
export const view = <Path extends string>(route: PageHandler<Path, undefined>): PageRoute =>
  pageRoute({ ...route, method: "get" });

/** A page's form. Its fields are texts; the session's CSRF token has been checked unless `csrf` is false. */
export const form = <Path extends string>(
  route: PageHandler<Path, Record<string, string>> & { csrf?: boolean },
): PageRoute => pageRoute({ ...route, method: "post", bodyType: "form" });

function pageRoute(route: Pick<PageRoute, "path" | "method" | "bodyType"> & { handler: unknown }): PageRoute {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  return {
    hidden: "A page for people.",
    answer: "html",
    params: Object.fromEntries(names.map((name) => [name, textParameter])),
    ...route,
  } as PageRoute; // `view` and `form` checked the rest.
}

/** The routes of all pages. */
export const pageRoutes = (pages: readonly Page[], parts: PageParts): Route[] =>
  pages.flatMap((page) => page.routes(parts).map((route) => ({ ...route, for: route.for ?? page.for })));

/** The navigation for this person: the pages with an entry that they may open. */
export const navigationOf = (pages: readonly Page[], principal: Principal): NavigationEntry[] =>
  pages.flatMap(({ path, navigation, for: audience }) =>
    navigation !== undefined && refusalFor(audience, principal) === null
      ? [{ title: navigation, href: path }]
      : [],
  );

/** The session of the request; the guard admits no request without one to a page for people. */
export function sessionOf(response: Response): Session {
  const { session } = locals(response);
  if (!session) throw new Error("a page for people was reached without a session");
  return session;
}

export async function settingOf({ now, zone, currency }: PageParts): Promise<Setting> {
  const [named, code] = await Promise.all([zone(), currency()]);
  return { now: now(), zone: named, currency: code };
}

export async function frameOf(parts: PageParts, response: Response): Promise<Frame> {
  const session = sessionOf(response);
  const [header, setting] = await Promise.all([headerOf(parts, session), settingOf(parts)]);
  return { ...setting, ...header };
}

/** What the header of every page shows. */
export async function headerOf(
  { crm, navigation }: Pick<PageParts, "crm" | "navigation">,
  session: Session,
): Promise<Pick<Frame, "session" | "navigation" | "pending">> {
  const { principal } = session;
  return { session, navigation: navigation(principal), pending: await pendingFor(crm, principal) };
}

/** Number of pending authorizations; null for users who may not decide. */
async function pendingFor(crm: Crm, principal: Principal): Promise<number | null> {
  if (!mayDecide(principal)) return null;
  return (await crm.authorizations(principal, { status: "pending", limit: 1 })).total;
}

/** Items of one page of a list. */
export const PAGE_SIZE = 20;

/** Status and cursor of a list page's query string. */
export function selectionIn<S extends string>(
  { request }: Pick<Call, "request">,
  statuses: readonly S[],
): { status?: S; cursor?: string } {
  const word = (name: string): string | undefined => {
    const value = request.query[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const asked = word("status");
  const status = statuses.find((each) => each === asked);
  if (asked !== undefined && status === undefined)
    throw validationFailed([{ path: "status", message: `must be one of ${statuses.join(", ")}` }]);
  const cursor = word("cursor");
  return { ...(status && { status }), ...(cursor && { cursor }) };
}

import { type Audience, isPage, mountPoint, type Route } from "./route.ts";
import { segmentsOf } from "./security/paths.ts";

/** What the table knows about one request. */
export interface Match {
  /** Null where the path or the method belongs to no route. */
  route: Route | null;
  /** The path as its route writes it, `/api/jobs/:id`; null where no route has it. */
  path: string | null;
  /** Methods of that path, upper case. */
  allowed: readonly string[];
  /** Who may call it. An unknown path or method gets the audience of the strictest neighbouring route. */
  audience: Audience;
  /** Whether errors are returned as HTML. */
  page: boolean;
  /** What the request log writes: never a part of the path that the caller chose. */
  name: string;
}

export interface RouteTable {
  /** Paths below /api that the document shows: suggestions for a path that is unknown. */
  documented: readonly string[];
  match(method: string, url: string): Match;
}

/** From open to strict. */
const STRICTNESS: readonly Audience[] = [
  "everyone",
  "public",
  "visitor",
  "agent",
  "token",
  "session",
  "people",
  "owner",
];

/** Parts of the API that have no route yet. Agents' tokens are refused there from the start. */
const RESERVED: readonly string[] = ["api/settings"];

interface Entry {
  route: Route;
  segments: string[];
  /** Whether the route takes everything below its path. */
  open: boolean;
}

/** Finds routes by path, in the order in which Express tries them. */
export function makeRouteTable(routes: readonly Route[]): RouteTable {
  const byResource = new Map<string, Entry[]>();
  const roots = new Set<string>();
  const programs = new Set<string>(["api"]);
  for (const route of routes) {
    const mount = mountPoint(route);
    const entry = { route, segments: segmentsOf(mount ?? route.path), open: mount !== null };
    const [root = ""] = entry.segments;
    roots.add(root);
    if (!isPage(route)) programs.add(root);
    byResource.set(resourceOf(entry.segments), [
      ...(byResource.get(resourceOf(entry.segments)) ?? []),
      entry,
    ]);
  }
  const shown = routes.filter(({ hidden, path }) => hidden === undefined && path.startsWith("/api/"));
  return {
    documented: [...new Set(shown.map(({ path }) => path))],
    match(method, url) {
      const segments = segmentsOf(url);
      const [root = ""] = segments;
      const nearby = byResource.get(resourceOf(segments)) ?? [];
      const samePath = nearby.filter((entry) => fits(entry, segments));
      const route = samePath.find((entry) => takes(entry, method))?.route ?? null;
      const path = samePath[0]?.route.path ?? null;
      return {
        route,
        path,
        allowed: [...new Set(samePath.map((entry) => entry.route.method.toUpperCase()))],
        audience: route?.for ?? audienceNear(nearby, method, segments),
        page: samePath[0] ? isPage(samePath[0].route) : !programs.has(root),
        name: route?.path ?? path ?? (roots.has(root) ? `/${root}/…` : "/…"),
      };
    },
  };
}

/** `api/jobs` for all API routes of jobs, `jobs` for their pages. */
const resourceOf = (segments: readonly string[]): string =>
  segments.slice(0, segments[0] === "api" ? 2 : 1).join("/");

const fits = ({ segments, open }: Entry, requested: readonly string[]): boolean =>
  (open ? requested.length >= segments.length : requested.length === segments.length) &&
  segments.every((segment, at) => segment.startsWith(":") || segment === requested[at]);

const takes = ({ route }: Entry, method: string): boolean =>
  route.method === "all" || route.method === (method === "HEAD" ? "get" : method.toLowerCase());

/** The strictest of the resource's routes with this method, or of all of them where none has it. */
function audienceNear(nearby: readonly Entry[], method: string, segments: readonly string[]): Audience {
  const sameMethod = nearby.filter((entry) => takes(entry, method));
  const judged = (sameMethod.length > 0 ? sameMethod : nearby).map(({ route }) =>
    STRICTNESS.indexOf(route.for),
  );
  if (judged.length > 0) return STRICTNESS[Math.max(...judged)] ?? "owner";
  if (RESERVED.includes(resourceOf(segments))) return "people";
  return segments[0] === "api" ? "agent" : "people";
}

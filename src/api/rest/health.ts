import { CrmError } from "../../domain/core/errors.ts";
import { defineRoute, type Route } from "../route.ts";
import { inline } from "../schema.ts";

/** The failure of each part by name; null when it works: `{database: null, queue: "does not answer"}`. */
export type Health = () => Promise<Record<string, string | null>>;

interface HealthParts {
  health: Health;
  /** What people should know although everything answers, by name: `{clock: "this machine is 10 min ahead …"}`. */
  warnings?: () => Record<string, string>;
  /** Prometheus text. */
  metrics: () => Promise<string>;
}

const liveAnswer = inline<{ status: "ok" }>({
  type: "object",
  properties: { status: { const: "ok" } },
  required: ["status"],
});

const readyAnswer = inline<{ status: "ready"; warnings?: Record<string, string> }>({
  type: "object",
  properties: {
    status: { const: "ready" },
    warnings: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "What to correct although everything answers, such as a wrong clock",
    },
  },
  required: ["status"],
});

/** For monitoring: no token, any host name, no business data. */
export const healthRoutes = ({ health, warnings, metrics }: HealthParts): Route[] => [
  defineRoute({
    method: "get",
    path: "/healthz",
    id: "live",
    tag: "Health",
    summary: "Check that the process answers",
    for: "everyone",
    answer: liveAnswer,
    handler: () => ({ status: "ok" as const }),
  }),
  defineRoute({
    method: "get",
    path: "/readyz",
    id: "ready",
    tag: "Health",
    summary: "Check that the database and the queue answer and the disk has room; warns of a wrong clock",
    for: "everyone",
    answer: readyAnswer,
    refusals: ["unavailable"],
    async handler() {
      const down = Object.entries(await health()).filter(([, fault]) => fault !== null);
      if (down.length > 0) throw notReady(Object.fromEntries(down));
      const found = warnings?.() ?? {};
      return { status: "ready" as const, ...(Object.keys(found).length > 0 && { warnings: found }) };
    },
  }),
  defineRoute({
    method: "get",
    path: "/metrics",
    id: "metrics",
    tag: "Health",
    summary: "Read metrics for Prometheus",
    for: "everyone",
    answer: "text/plain",
    async handler({ response }) {
      response.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics());
    },
  }),
];

const notReady = (down: Record<string, string | null>): CrmError =>
  new CrmError(
    "unavailable",
    `Not ready: ${Object.entries(down)
      .map((pair) => pair.join(" "))
      .join("; ")}.`,
    { hint: "`countersign doctor` says what to do.", retryable: true, extra: { down } },
  );

import { Router } from "express";
import { CrmError } from "../domain/core/errors.ts";
import { answer, methodNotAllowed } from "./errors.ts";

/** What is down, by name; null where it is well: `{database: null, queue: "does not answer"}`. */
export type Health = () => Promise<Record<string, string | null>>;

/** For machines that watch this one: without a token, under any host name; nothing of anybody's is in it. */
export function healthRoutes(health: Health, metrics: () => Promise<string>): Router {
  const router = Router();
  router
    .route("/healthz")
    .get((_request, response) => answer(response, { status: "ok" }))
    .all(methodNotAllowed("GET"));

  router
    .route("/readyz")
    .get(async (_request, response) => {
      const parts = await health();
      const down = Object.entries(parts).filter(([, fault]) => fault !== null);
      if (down.length > 0)
        throw new CrmError("unavailable", `Not ready: ${down.map((pair) => pair.join(" ")).join("; ")}.`, {
          hint: "`countersign doctor` says what to do.",
          retryable: true,
          extra: { down: Object.fromEntries(down) },
        });
      answer(response, { status: "ready" });
    })
    .all(methodNotAllowed("GET"));

  router
    .route("/metrics")
    .get(async (_request, response) => {
      response.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics());
    })
    .all(methodNotAllowed("GET"));
  return router;
}

import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { validationFailed } from "../domain/core/errors.ts";
import { parse } from "../domain/core/input.ts";
import type { Crm, JobView } from "../domain/core/ports.ts";
import { waitParameter } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";
import type { AgentLimits } from "./limits.ts";

/** As `crm_action`; `data` meets the action's own schema behind the port. */
const actionInput = z.strictObject({
  domain: z.string().max(60),
  action: z.string().max(60),
  data: z.unknown(),
  reasoning: z.string().max(10_000).optional(),
  dry_run: z.boolean().optional(),
});

const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, "must be 1 to 255 printable ASCII characters")
  .optional();

export function actionRoutes(crm: Crm, limits: AgentLimits): Router {
  const router = Router();
  router
    .route("/actions")
    .post(jsonBody, async (request, response) => {
      const actor = principalOf(response);
      const waitSeconds = preferredWait(request, response);
      const key = parse(idempotencyKey, request.get("Idempotency-Key"), "Idempotency-Key");
      const { domain, action, data, reasoning, dry_run } = parse(actionInput, request.body ?? {});
      if (waitSeconds > 0) limits.hold(response);
      const job = await crm.submit(actor, {
        domain,
        action,
        data,
        waitSeconds,
        ...(reasoning !== undefined && { reasoning }),
        ...(dry_run !== undefined && { dryRun: dry_run }),
        ...(key !== undefined && { idempotencyKey: key }),
      });
      answer(response, job, statusFor(job));
    })
    .all(methodNotAllowed("POST"));
  return router;
}

/** 200 when it has ended, however; 202 while it is queued, running or parked. */
const statusFor = (job: JobView): number => (job.finished_at === null ? 202 : 200);

/** `Prefer: wait=N` (RFC 7240); other preferences are not ours. */
function preferredWait(request: Request, response: Response): number {
  const wanted = /(?:^|[,;\s])wait\s*=\s*("?)([^",;\s]*)\1/i.exec(request.get("Prefer") ?? "")?.[2];
  if (wanted === undefined) return 0;
  const seconds = waitParameter.safeParse(wanted);
  if (!seconds.success)
    throw validationFailed(
      [{ path: "Prefer", message: "wait must be whole seconds from 0 to 25" }],
      "Send Prefer: wait=25 at most, then ask again with GET /api/jobs/{job_id}?wait=25.",
    );
  response.set("Preference-Applied", `wait=${seconds.data}`);
  return seconds.data;
}

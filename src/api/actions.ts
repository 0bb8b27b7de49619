import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { validationFailed } from "../domain/core/errors.ts";
import { parse } from "../domain/core/input.ts";
import type { Crm, JobView } from "../domain/core/ports.ts";
import { reasoningText } from "../domain/core/text.ts";
import { idIn, waitParameter } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { jsonBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";
import type { AgentLimits } from "./limits.ts";

const reasoning = reasoningText.optional();

/** As `crm_action`; `data` meets the action's own schema behind the port. */
export const actionInput = z.strictObject({
  domain: z.string().max(60),
  action: z.string().max(60),
  data: z.unknown(),
  reasoning,
  dry_run: z.boolean().optional(),
});
export const undoInput = z.strictObject({ reasoning });

export const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, "must be 1 to 255 printable ASCII characters")
  .optional();

/** Every way to ask for a change: all end in a job. */
export function actionRoutes(crm: Crm, limits: AgentLimits): Router {
  const router = Router();

  async function submit(
    request: Request,
    response: Response,
    asked: z.output<typeof actionInput>,
  ): Promise<void> {
    const waitSeconds = preferredWait(request, response);
    const key = parse(idempotencyKey, request.get("Idempotency-Key"), "Idempotency-Key");
    const { dry_run, reasoning, ...submission } = asked;
    if (waitSeconds > 0) limits.hold(response);
    const job = await crm.submit(principalOf(response), {
      ...submission,
      waitSeconds,
      ...(reasoning !== undefined && { reasoning }),
      ...(dry_run !== undefined && { dryRun: dry_run }),
      ...(key !== undefined && { idempotencyKey: key }),
    });
    answer(response, job, statusFor(job));
  }

  router
    .route("/actions")
    .post(jsonBody, (request, response) => submit(request, response, parse(actionInput, request.body ?? {})))
    .all(methodNotAllowed("POST"));

  router
    .route("/jobs/:id/undo")
    .post(jsonBody, (request, response) => {
      const { reasoning } = parse(undoInput, request.body ?? {});
      const data = { job_id: idIn(request, "job", "job") };
      return submit(request, response, { domain: "job", action: "undo", data, reasoning });
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

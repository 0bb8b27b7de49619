import type { Request, Response } from "express";
import { z } from "zod";
import { validationFailed } from "../../domain/core/errors.ts";
import { parse } from "../../domain/core/input.ts";
import type { Registry } from "../../domain/core/registry.ts";
import type { Crm } from "../../crm/contract.ts";
import type { JobView } from "../../domain/engine/jobs.ts";
import { reasoningText } from "../../domain/core/fields.ts";
import { actionBody } from "../openapi/actions.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { schemaOf } from "../schema.ts";
import { Job } from "./answers.ts";
import { idParameter, waitParameter } from "./parameters.ts";

const reasoning = reasoningText.optional();

/** Input of `crm_action`. `data` is parsed by the action's own schema when it is submitted. */
const actionInput = z.strictObject({
  domain: z.string().max(60),
  action: z.string().max(60),
  data: z.unknown(),
  reasoning,
  dry_run: z.boolean().optional(),
});
const undoInput = z.strictObject({ reasoning });

const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, "must be 1 to 255 printable ASCII characters")
  .optional();

const job = {
  for: "agent",
  headers: z.object({
    "Idempotency-Key": idempotencyKey.describe(
      "The same key with the same content answers the same job instead of a second one",
    ),
    Prefer: z
      .string()
      .optional()
      .meta({
        description: "`wait=N`: wait up to N seconds (0 to 25) until the job ends or is parked",
        examples: ["wait=10"],
      }),
  }),
  statuses: {
    200: "The job has ended; a failed one says so in `status` and `error`",
    202: "The job is queued, running, or waits for a person (`authorization_required`)",
  },
  answer: Job,
  refusals: ["idempotency_conflict"],
} as const;

/** Every way to submit a change: each ends in a job. */
export function actionRoutes({ crm, registry }: { crm: Crm; registry: Registry }): Route[] {
  async function submit(call: Call, asked: z.output<typeof actionInput>): Promise<JobView> {
    const { principal, request, response, hold } = call;
    const wait_seconds = preferredWait(request, response);
    const key = parse(idempotencyKey, request.get("Idempotency-Key"), "Idempotency-Key");
    if (wait_seconds > 0) hold();
    const submitted = await crm.submit(principal, { ...asked, wait_seconds, idempotency_key: key });
    response.status(statusFor(submitted));
    return submitted;
  }

  return [
    defineRoute({
      ...job,
      method: "post",
      path: "/api/actions",
      id: "submit_action",
      summary: "Submit an action that changes something",
      description:
        "Every change is an action and becomes a job. A job that needs a person's approval waits for it.",
      body: actionInput,
      bodyIsSubmission: true,
      openapi: () => actionBody(registry, actionInput),
      handler: (call) => submit(call, call.body),
    }),
    defineRoute({
      ...job,
      method: "post",
      path: "/api/jobs/:id/undo",
      id: "undo_job",
      summary: "Undo what a job changed",
      params: { id: idParameter("job", "job") },
      body: undoInput,
      openapi: () => ({ body: schemaOf(undoInput), bodyRequired: false }),
      handler: (call) =>
        submit(call, {
          domain: "job",
          action: "undo",
          data: { job_id: call.params.id },
          reasoning: call.body.reasoning,
        }),
    }),
  ];
}

/** 200 for every job that has ended; 202 while it is queued, running or parked. */
const statusFor = (job: JobView): number => (job.finished_at === null ? 202 : 200);

/** `Prefer: wait=N` (RFC 7240); other preferences are ignored. */
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

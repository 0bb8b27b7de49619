import { Router } from "express";
import { z } from "zod";
import type { Crm } from "../domain/core/ports.ts";
import { JOB_STATUSES } from "../entities/job.ts";
import { idIn, pageParameters, queryOf, waitParameter } from "./asked.ts";
import { principalOf } from "./auth.ts";
import { answer, methodNotAllowed } from "./errors.ts";
import type { AgentLimits } from "./limits.ts";

export const jobsQuery = z.strictObject({
  status: z.enum(JOB_STATUSES).optional(),
  action: z.string().max(120).optional(),
  ...pageParameters,
});
export const jobQuery = z.strictObject({ wait: waitParameter });

export function jobRoutes(crm: Crm, limits: AgentLimits): Router {
  const router = Router();

  router
    .route("/jobs")
    .get(async (request, response) => {
      answer(response, await crm.jobs(principalOf(response), queryOf(request, jobsQuery)));
    })
    .all(methodNotAllowed("GET"));

  router
    .route("/jobs/:id")
    .get(async (request, response) => {
      const { wait } = queryOf(request, jobQuery);
      if (wait > 0) limits.hold(response);
      answer(response, await crm.job(principalOf(response), idIn(request, "job", "job"), wait));
    })
    .all(methodNotAllowed("GET"));

  router
    .route("/jobs/:id/withdraw")
    .post(async (request, response) => {
      answer(response, await crm.withdraw(principalOf(response), idIn(request, "job", "job")));
    })
    .all(methodNotAllowed("POST"));

  return router;
}

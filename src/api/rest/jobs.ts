import { z } from "zod";
import { JOB_STATUSES } from "../../entities/job.ts";
import type { Crm } from "../../crm/contract.ts";
import { defineRoute, type Route } from "../route.ts";
import { listOf } from "../schema.ts";
import { Job, ListedJob } from "./answers.ts";
import { idParameter, pageParameters, waitParameter } from "./parameters.ts";

const params = { id: idParameter("job", "job") };

export const jobRoutes = ({ crm }: { crm: Crm }): Route[] => [
  defineRoute({
    method: "get",
    path: "/api/jobs",
    id: "list_jobs",
    summary: "List jobs, the newest first",
    description: "An agent sees its own jobs, people see all. Results are at `/api/jobs/{id}`.",
    for: "agent",
    query: z.strictObject({
      status: z.enum(JOB_STATUSES).optional(),
      action: z.string().max(120).optional(),
      ...pageParameters,
    }),
    answer: listOf(ListedJob),
    handler: ({ principal, query, signal }) => crm.jobs(principal, query, signal),
  }),
  defineRoute({
    method: "get",
    path: "/api/jobs/:id",
    id: "read_job",
    summary: "Read one job",
    description: "With `wait`, the response comes when the job has ended or has a new authorization.",
    for: "agent",
    params,
    query: z.strictObject({ wait: waitParameter }),
    answer: Job,
    handler({ principal, params, query: { wait }, hold }) {
      if (wait > 0) hold();
      return crm.job(principal, params.id, wait);
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/jobs/:id/withdraw",
    id: "withdraw_job",
    summary: "Withdraw a queued or parked job",
    for: "agent",
    params,
    answer: Job,
    refusals: ["conflict"],
    handler: ({ principal, params }) => crm.withdraw(principal, params.id),
  }),
];

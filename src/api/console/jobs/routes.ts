import { JOB_STATUSES } from "../../../entities/job.ts";
import type { Call } from "../../route.ts";
import { definePage, form, frameOf, PAGE_SIZE, type PageParts, selectionIn, view } from "../page.ts";
import { jobPath, renderJobs } from "./list.tsx";
import { renderJob } from "./page.tsx";

/** Seconds that the page waits for an undo, so that it usually shows the result. */
const UNDO_SECONDS = 3;

export const jobsPage = definePage({
  path: "/jobs",
  navigation: "Jobs",
  for: "people",
  routes: (parts) => [
    view({ path: "/jobs", summary: "All jobs", handler: (call) => listJobs(parts, call) }),
    view({ path: "/jobs/:id", summary: "One job", handler: (call) => showJob(parts, call) }),
    form({ path: "/jobs/:id/undo", summary: "Undo a job", handler: (call) => undoJob(parts, call) }),
  ],
});

async function listJobs(parts: PageParts, call: Call<undefined, undefined>): Promise<string> {
  const selection = selectionIn(call, JOB_STATUSES);
  const [list, frame] = await Promise.all([
    parts.crm.jobs(call.principal, { ...selection, limit: PAGE_SIZE }),
    frameOf(parts, call.response),
  ]);
  return renderJobs({ ...frame, list, status: selection.status, selection });
}

type OneCall<Body> = Call<undefined, Body, "id">;

/** A job with what it changed, and whether it can be undone. */
async function showJob(parts: PageParts, call: OneCall<undefined>): Promise<string> {
  const { principal, params, response } = call;
  const job = await parts.crm.job(principal, params.id);
  const { items } = await parts.crm.audit(principal, { job: job.job_id });
  const entry = items.find((each) => each.kind === "job") ?? null;
  const undoable =
    job.status === "completed" &&
    parts.registry.actions.get(job.action)?.undo !== undefined &&
    entry !== null &&
    entry.changes.length > 0;
  if (job.status === "queued" || job.status === "running") response.set("Refresh", "3");
  return renderJob({ ...(await frameOf(parts, response)), job, entry, undoable });
}

/** The undo is a new job; its page shows the result, also when it was refused. */
async function undoJob(parts: PageParts, call: OneCall<Record<string, string>>): Promise<void> {
  const reasoning = call.body["reasoning"]?.trim();
  const undo = await parts.crm.submit(call.principal, {
    domain: "job",
    action: "undo",
    data: { job_id: call.params.id },
    wait_seconds: UNDO_SECONDS,
    ...(reasoning && { reasoning }),
  });
  call.response.redirect(303, jobPath(undo.job_id));
}

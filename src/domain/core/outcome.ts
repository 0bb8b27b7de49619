import type { EntityManager } from "typeorm";
import type { AuthorizationStatus } from "../../entities/authorization.ts";
import { prepared, rows } from "../../entities/database.ts";
import type { Job, JobStatus } from "../../entities/job.ts";
import { onlyOwn } from "../authorization/view.ts";
import { type ErrorBody, notFound } from "./errors.ts";
import { pageOf } from "./pages.ts";
import type { JobView, List, Page } from "./ports.ts";
import type { Principal } from "./principal.ts";

/** What became of a job; the row says the same. */
export type Outcome =
  /** Unknown, ended before, or in another worker's hands. */
  | { kind: "absent" }
  | { kind: "ended"; status: JobStatus; result?: unknown; error?: ErrorBody }
  /** A person is asked now; `dispatch` names the timer that ends the question at `expiresAt`. */
  | { kind: "parked"; expiresAt: Date; dispatch: number }
  /** A person was asked before and has not decided. */
  | { kind: "waiting"; expiresAt: Date };

/** What is shown of a job, with the newest question it asked, where it asked one. */
export type JobRow = Pick<
  Job,
  | "id"
  | "action"
  | "status"
  | "dry_run"
  | "principal"
  | "principal_name"
  | "reasoning"
  | "result"
  | "error"
  | "created_at"
  | "finished_at"
> & {
  queue_id: string | null;
  auth_status: AuthorizationStatus;
  auth_reason: string;
  auth_expires_at: Date;
  auth_note: string | null;
};

const SELECT = `SELECT j.id, j.action, j.status, j.dry_run, j.principal, j.principal_name, j.reasoning, j.result,
    j.error, j.created_at, j.finished_at, a.id AS queue_id, a.status AS auth_status, a.reason AS auth_reason,
    a.expires_at AS auth_expires_at, a.note AS auth_note
  FROM job j LEFT JOIN LATERAL (
    SELECT * FROM "authorization" WHERE job_id = j.id ORDER BY id DESC LIMIT 1
  ) a ON true`;

// As JSON: of an array PostgreSQL sees the length, and plans anew each time.
const SOME = prepared(`${SELECT} WHERE j.id IN (SELECT json_array_elements_text($1))`);

/** Jobs by their ids, in that order; undefined where there is none. */
export async function readJobs(db: EntityManager, ids: string[]): Promise<(JobRow | undefined)[]> {
  const found = await rows<JobRow>(db, SOME, [JSON.stringify(ids)]);
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id));
}

/** The job that was read by this id; what belongs to another agent is not found. */
export function ownJob(actor: Principal, id: string, job: JobRow | undefined): JobRow {
  const own = onlyOwn(actor);
  if (!job || (own !== null && job.principal !== own)) throw notFound("job", id);
  return job;
}

/** One job; what belongs to another agent is not found. */
export async function readJob(db: EntityManager, actor: Principal, id: string): Promise<JobRow> {
  const [job] = await readJobs(db, [id]);
  return ownJob(actor, id, job);
}

/** The newest first. */
export async function listJobs(
  db: EntityManager,
  actor: Principal,
  filter: Page & { status?: JobStatus; action?: string },
): Promise<List<JobRow>> {
  const { status, action, ...page } = filter;
  return pageOf<JobRow>(db, {
    select: SELECT,
    id: "j.id",
    where: `($1::text IS NULL OR j.principal = $1) AND ($2::text IS NULL OR j.status = $2)
      AND ($3::text IS NULL OR j.action = $3)`,
    parameters: [onlyOwn(actor), status ?? null, action ?? null],
    page,
  });
}

const POLL_MS = 2_000;

/** The job as the outside sees it; `publicUrl` is where a person decides. */
export function jobView(row: JobRow, publicUrl: string): JobView {
  const parked = row.status === "authorization_required";
  return {
    job_id: row.id,
    action: row.action,
    status: row.status,
    created_at: row.created_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    result: row.result ?? null,
    error: row.error as ErrorBody | null, // Written by execute.ts from a CrmError's body.
    poll_after_ms: row.finished_at ? null : POLL_MS,
    authorization: row.queue_id
      ? {
          queue_id: row.queue_id,
          status: row.auth_status,
          reason: row.auth_reason,
          approval_url: `${publicUrl}/authorizations/${row.queue_id}`,
          expires_at: row.auth_expires_at.toISOString(),
          note: row.auth_note,
        }
      : null,
    message: messageOf(row),
    ...(parked && row.queue_id && { queue_id: row.queue_id, reason: row.auth_reason }),
    requested_by: row.principal_name,
    reasoning: row.reasoning,
  };
}

function messageOf({ status, dry_run, error, auth_status, auth_note }: JobRow): string {
  const note = auth_note ? ` Their note: ${auth_note}` : "";
  switch (status) {
    case "queued":
    case "running":
      return "Accepted; it runs in a moment. Do not send it again; poll job_status.";
    case "authorization_required":
      return auth_status === "authorized"
        ? "A person allowed it; it runs in a moment. Poll job_status."
        : "Queued for your authorization. A person decides at the link; do not send it again; poll job_status.";
    case "completed":
      return dry_run ? "Nothing was changed: this is what it would do." : `Done.${note}`;
    case "failed":
      return `Nothing was changed: ${String(error?.message ?? "it failed")}`;
    case "denied":
      return `A person said no; nothing was changed. Do not send it again.${note}`;
    case "expired":
      return "Nobody decided in time; nothing was changed. Ask the person whether it is still wanted before you send it again.";
    case "withdrawn":
      return "Taken back by the requester; nothing was changed.";
  }
}

import type { EntityManager } from "typeorm";
import type { AuthorizationStatus } from "../../entities/authorization.ts";
import { prepared, rows } from "../../database/sql.ts";
import type { Job, JobStatus } from "../../entities/job.ts";
import { type Edited, editOf, inShort } from "./authorization/edited.ts";
import { onlyOwn } from "./authorization/view.ts";
import { type ErrorBody, notFound } from "../core/errors.ts";
import { type List, type Page, pageOf } from "../query/list.ts";
import type { Principal } from "../core/principal.ts";

/** The result of one execution step. The job's row holds the same state. */
export type Outcome =
  /** Unknown, or ended before. */
  | { kind: "absent" }
  | { kind: "ended"; status: JobStatus; result?: unknown; error?: ErrorBody }
  /** Parked by this step; `dispatch` is the timer that expires the authorization at `expiresAt`. */
  | { kind: "parked"; expiresAt: Date; dispatch: number }
  /** Parked by an earlier step and not decided yet. */
  | { kind: "waiting"; expiresAt: Date };

/** The visible columns of a job with the authorization that it waits for, or else its newest one. */
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
  | "outcome"
  | "understood"
  | "error"
  | "created_at"
  | "finished_at"
> & {
  queue_id: string | null;
  auth_status: AuthorizationStatus;
  auth_reason: string;
  auth_expires_at: Date;
  auth_note: string | null;
  /** Who changed the request. */
  auth_edited_by: string | null;
  /** The data before and after, where somebody changed it. */
  auth_sent: Record<string, unknown> | null;
  auth_data: Record<string, unknown> | null;
};

/** A job in a list. Results and data can be large, so they are read only at the job's own address. */
export type ListedJobRow = Omit<JobRow, "result" | "auth_sent" | "auth_data">;

// Not by id: the clock of the worker that parked the job made it.
const CURRENT_FIRST = "status IN ('pending', 'authorized') DESC, created_at DESC, id DESC";

/** Characters of a reasoning that a list shows. */
const LONGEST_LISTED = 300;

const COLUMNS = `j.id, j.action, j.status, j.dry_run, j.principal, j.principal_name, j.error, j.outcome, j.understood, j.created_at, j.finished_at,
    a.id AS queue_id, a.status AS auth_status, a.reason AS auth_reason, a.expires_at AS auth_expires_at,
    a.note AS auth_note, a.edited_by_name AS auth_edited_by`;

const FROM = `FROM job j LEFT JOIN LATERAL (
    SELECT id, status, reason, expires_at, note, data, edited_by_name FROM "authorization"
    WHERE job_id = j.id ORDER BY ${CURRENT_FIRST} LIMIT 1
  ) a ON true`;

// JSON instead of an array: PostgreSQL estimates an array by its length and would replan the statement each time.
const SOME = prepared(
  `SELECT ${COLUMNS}, j.reasoning, j.result, a.data AS auth_data, CASE WHEN a.data IS NOT NULL THEN j.input END AS auth_sent
   ${FROM} WHERE j.id IN (SELECT json_array_elements_text($1))`,
);

/** Jobs in the order of the ids; undefined for unknown ids. */
export async function readJobs(db: EntityManager, ids: string[]): Promise<(JobRow | undefined)[]> {
  const found = await rows<JobRow>(db, SOME, [JSON.stringify(ids)]);
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id));
}

/** Checks that the actor may see the job; another agent's job is `not_found`. */
export function ownJob(actor: Principal, id: string, job: JobRow | undefined): JobRow {
  const own = onlyOwn(actor);
  if (!job || (own !== null && job.principal !== own)) throw notFound("job", id);
  return job;
}

/** One job; another agent's job is `not_found`. */
export async function readJob(db: EntityManager, actor: Principal, id: string): Promise<JobRow> {
  const [job] = await readJobs(db, [id]);
  return ownJob(actor, id, job);
}

/** The newest first, without results. */
export async function listJobs(
  db: EntityManager,
  actor: Principal,
  filter: Page & { status?: JobStatus; action?: string },
): Promise<List<ListedJobRow>> {
  const { status, action, ...page } = filter;
  return pageOf<ListedJobRow>(db, {
    select: `SELECT ${COLUMNS}, left(j.reasoning, ${LONGEST_LISTED}) AS reasoning ${FROM}`,
    id: "j.id",
    where: `($1::text IS NULL OR j.principal = $1) AND ($2::text IS NULL OR j.status = $2)
      AND ($3::text IS NULL OR j.action = $3)`,
    parameters: [onlyOwn(actor), status ?? null, action ?? null],
    page,
  });
}

const POLL_MS = 2_000;

/** The wire format of a job. `publicUrl` is the base of the approval link. */
export function jobView(row: JobRow, publicUrl: string): JobView {
  const { authorization, ...summary } = jobSummary(row, publicUrl);
  const { auth_edited_by: by, auth_sent: sent, auth_data: data } = row;
  return {
    ...summary,
    result: row.result ?? null,
    authorization: authorization && { ...authorization, ...edited(inShort(editOf({ by, sent, data }))) },
  };
}

/** Left out where nobody changed anything: most requests run as they were sent. */
const edited = (edit: Edited | null): { edited?: Edited } => (edit ? { edited: edit } : {});

/** The wire format of a job in a list. */
export function jobSummary(row: ListedJobRow, publicUrl: string): JobSummary {
  const parked = row.status === "authorization_required";
  return {
    job_id: row.id,
    action: row.action,
    status: row.status,
    created_at: row.created_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
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
          ...edited(row.auth_edited_by === null ? null : { by: row.auth_edited_by }),
        }
      : null,
    message:
      row.auth_edited_by === null ? messageOf(row) : `${messageOf(row)} ${editedText(row.auth_edited_by)}`,
    ...(row.outcome !== null && { outcome: row.outcome }),
    ...(row.understood && { understood: row.understood }),
    ...(parked && row.queue_id && { queue_id: row.queue_id, reason: row.auth_reason }),
    requested_by: row.principal_name,
    reasoning: row.reasoning,
  };
}

function messageOf({ status, dry_run, error, outcome, auth_status, auth_note }: ListedJobRow): string {
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
      return dry_run ? "Nothing was changed: this is what it would do." : `${outcome ?? "Done."}${note}`;
    case "failed":
      return `Nothing was changed: ${String(error?.message ?? "it failed")}`;
    case "denied":
      return `A person said no; nothing was changed. Do not send it again.${note}`;
    case "expired":
      return "Nobody decided in time; nothing was changed. Ask the person whether it is still wanted before you send it again.";
    case "withdrawn":
      return "Withdrawn by the requester; nothing was changed.";
  }
}

const editedText = (by: string): string =>
  `${by} changed what you asked for (authorization.edited): go by that, not by your own request.`;

/** The wire format of a job in a list. */
export type JobSummary = Omit<JobView, "result">;

/** The wire format of a job. */
export interface JobView {
  job_id: string;
  action: string;
  status: JobStatus;
  created_at: string;
  finished_at: string | null;
  result: unknown;
  error: ErrorBody | null;
  /** Poll interval while the job is open. */
  poll_after_ms: number | null;
  authorization: {
    queue_id: string;
    status: AuthorizationStatus;
    reason: string;
    approval_url: string;
    expires_at: string;
    note: string | null;
    /** What a person changed in the request; in a list only who. */
    edited?: Edited;
  } | null;
  message: string;
  /** What came of it, where "Done." would say too much. */
  outcome?: string;
  /** What words for times meant, by the field: `{"window_start": "Friday, January 16, 2026 at 2:00 PM (America/Chicago)"}` */
  understood?: Record<string, string>;
  /** Fields of the integration guide; for a parked job only. */
  queue_id?: string;
  reason?: string;
  /** Not part of the contract; for the jobs page. */
  requested_by: string;
  reasoning: string | null;
}

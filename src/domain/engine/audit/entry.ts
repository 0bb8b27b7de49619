import type { AuthorizationStatus } from "../../../entities/authorization.ts";
import type { RuleScope } from "../../../entities/rule-scope.ts";
import type { JobStatus, PrincipalKind } from "../../../entities/job.ts";
import type { ErrorBody } from "../../core/errors.ts";
import type { PreviewChange } from "../preview.ts";
import type { Page } from "../../query/list.ts";

/** One audit entry: a job, an attempt that was refused before it became a job, or a change of a rule. */
export type AuditEntry = JobEntry | RefusedEntry | RuleEntry;

export interface AuditFilter extends Page {
  /** A record's id: the jobs that changed it, with only its changes. A rule's id: its narrowing and revocation. */
  entity?: string;
  /** `agent:token_…`, `user:user_…`, `system:demo`, `anonymous`; or the name, e-mail or id of a token or a person. */
  actor?: string;
  job?: string;
}

/** The resolved filter for each part of the audit. */
export interface Wanted {
  record: { table: string; id: string } | null;
  actors: string[] | null;
  job: string | null;
  limit: number;
}

/** One part of the audit: `limit + 1` entries from `head` on, newest first, and the total number. */
export interface Part<Entry> {
  entries: Entry[];
  total: number;
}

/** A job and its outcome. */
export interface JobEntry {
  kind: "job";
  job_id: string;
  action: string;
  status: JobStatus;
  /** When it was requested. */
  at: string;
  finished_at: string | null;
  actor: { key: string; kind: PrincipalKind; name: string };
  /** The action's `data` as sent. */
  input: Record<string, unknown>;
  dry_run: boolean;
  /** The caller's own words: unverified. */
  reasoning: string | null;
  level: string | null;
  /** Null unless the job completed. */
  allowed_by: AllowedBy | null;
  /** All its authorizations, oldest first. */
  authorizations: AuditedQuestion[];
  /** Why it was refused. */
  error: ErrorBody | null;
  /** Net changes, one per record. */
  changes: PreviewChange[];
  /** Whether the list was truncated. The filter `job` returns all changes. */
  more_changes: boolean;
}

export interface AllowedBy {
  by: "person" | "rule" | "level";
  /** `auth_…`, `rule_…` */
  id: string | null;
  /** `Olga Owner, Allow Once, auth_…` */
  words: string;
}

export interface AuditedQuestion {
  id: string;
  status: AuthorizationStatus;
  reason: string;
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  /** Allow Always. */
  upgrade_permission: boolean;
  /** What a person made of the job's input before it was decided. */
  edited: { by: string; at: string; data: Record<string, unknown> } | null;
}

/** Attempts of one caller in one minute that were refused before they became a job. */
export interface RefusedEntry {
  kind: "refused";
  event_id: number;
  /** The first attempt. */
  at: string;
  actor: { key: string; kind: PrincipalKind | "anonymous"; name: string };
  /** `POST /api/authorizations/:id`: never the path that the caller wrote. */
  route: string;
  reason: string;
  ip: string | null;
  /** How many there were in that minute; counting ends at 600 per caller. */
  attempts: number;
}

/** A person narrowed or revoked a rule, or a job ended it. */
export interface RuleEntry {
  kind: "rule";
  change_id: number;
  at: string;
  actor: { key: string; kind: PrincipalKind; name: string };
  rule_id: string;
  /** The action that the rule allows, and the agent's name. */
  action: string;
  agent: string;
  before: RuleScope;
  /** Narrowed to this; null: revoked. */
  after: RuleScope | null;
  /** Why a job ended it. */
  reason: string | null;
}

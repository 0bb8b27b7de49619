import type { AuthorizationStatus, RuleScope } from "../../entities/authorization.ts";
import type { JobStatus, PrincipalKind } from "../../entities/job.ts";
import type { ErrorBody } from "../core/errors.ts";
import type { Page, PreviewChange } from "../core/ports.ts";

/** One line of the audit: a request to change something, a try that was refused at the door, a rule made tighter. */
export type AuditEntry = JobEntry | RefusedEntry | RuleEntry;

export interface AuditFilter extends Page {
  /** A record's id: every job that changed it, with what changed of it alone. A rule's: who narrowed or revoked it. */
  entity?: string;
  /** `agent:token_…`, `user:user_…`, `system:demo`, `anonymous`; or the name, e-mail or id of a token or a person. */
  actor?: string;
  job?: string;
}

/** What each part of the audit is asked. */
export interface Wanted {
  record: { table: string; id: string } | null;
  actors: string[] | null;
  job: string | null;
  limit: number;
}

/** One part of the audit: from `head` on, the newest first, one more than asked for; and how many there are in all. */
export interface Part<Entry> {
  entries: Entry[];
  total: number;
}

/** A request to change something, and what became of it. */
export interface JobEntry {
  kind: "job";
  job_id: string;
  action: string;
  status: JobStatus;
  /** When it was asked. */
  at: string;
  finished_at: string | null;
  actor: { key: string; kind: PrincipalKind; name: string };
  /** What was asked, as it was sent. */
  input: Record<string, unknown>;
  dry_run: boolean;
  /** The caller's own words: unverified. */
  reasoning: string | null;
  level: string | null;
  /** Null for what has not happened. */
  allowed_by: AllowedBy | null;
  /** Every question that it put to people, in order. */
  authorizations: AuditedQuestion[];
  /** Why it was refused. */
  error: ErrorBody | null;
  /** What it did, one per record. */
  changes: PreviewChange[];
  /** There are more than a list shows; asked for by `job` all of them come. */
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
}

/** A try that was refused before it could become a job. */
export interface RefusedEntry {
  kind: "refused";
  event_id: number;
  at: string;
  actor: { key: string; kind: PrincipalKind | "anonymous"; name: string };
  /** `POST /api/authorizations/auth_…`; the path is the caller's own text. */
  route: string;
  reason: string;
  ip: string | null;
}

/** What a person did to what "Allow Always" left behind. */
export interface RuleEntry {
  kind: "rule";
  change_id: number;
  at: string;
  actor: { key: string; kind: PrincipalKind; name: string };
  rule_id: string;
  /** What the rule allows, and whom. */
  action: string;
  agent: string;
  before: RuleScope;
  /** Narrowed to this; null: revoked. */
  after: RuleScope | null;
}

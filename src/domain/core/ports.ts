import type { AuthorizationStatus, RuleScope } from "../../entities/authorization.ts";
import type { JobStatus } from "../../entities/job.ts";
import type { AuditEntry, AuditFilter } from "../audit/entry.ts";
import type { Candidate, FindInput } from "../contact/find.ts";
import type { Capabilities, CapabilitiesQuery } from "./capabilities.ts";
import type { ErrorBody } from "./errors.ts";
import type { Principal } from "./principal.ts";
import type { QueryAnswer, QueryInput } from "./query.ts";

/** A request to change something, as it comes in from REST, MCP or a page. */
export interface Submission {
  /** `contact` */
  domain: string;
  /** `delete` */
  action: string;
  data: unknown;
  reasoning?: string;
  idempotencyKey?: string;
  dryRun?: boolean;
  /** How long to wait for the end or the parking; 0 answers at once. */
  waitSeconds?: number;
}

/** A job as the outside sees it. */
export interface JobView {
  job_id: string;
  action: string;
  status: JobStatus;
  created_at: string;
  finished_at: string | null;
  result: unknown;
  error: ErrorBody | null;
  /** When to ask again, while it is open. */
  poll_after_ms: number | null;
  authorization: {
    queue_id: string;
    status: AuthorizationStatus;
    reason: string;
    approval_url: string;
    expires_at: string;
    note: string | null;
  } | null;
  message: string;
  /** The guide's own fields, for a parked job only. */
  queue_id?: string;
  reason?: string;
  /** Beside the contract, for the jobs page. */
  requested_by: string;
  reasoning: string | null;
}

export interface PreviewChange {
  /** Table name: `contact`. */
  record: string;
  /** Its id; `new:ticket:1` for a row the run would make. */
  id: string;
  label: string;
  operation: "insert" | "update" | "delete";
  /** For an update only the columns that change. */
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Preview {
  changes: PreviewChange[];
  /** What would go out. */
  messages: Record<string, unknown>[];
  /** What would be paid or refunded. */
  money: Record<string, unknown>[];
}

/** One thing that differs between a preview and the one that replaced it. */
export interface Moved {
  what: "fact" | "change";
  /** `tickets`, or `Ticket #16` */
  name: string;
  before: unknown;
  after: unknown;
}

export interface AuthorizationView {
  id: string;
  job_id: string;
  status: AuthorizationStatus;
  /** `contact.delete` */
  action: string;
  /** `Delete customer: Johnson Family` */
  title: string;
  reason: string;
  /** The model's own words: unverified. */
  reasoning: string | null;
  requested_by: { kind: string; name: string };
  facts: Record<string, unknown>;
  preview: Preview;
  moved: Moved[];
  created_at: string;
  expires_at: string;
  /** Name of the person. */
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  superseded_by: string | null;
  upgrade_permission: boolean;
  /** Covers what the page shows; sent back with the decision. */
  view_hash: string;
}

export interface Decision {
  decision: "authorized" | "denied";
  notes?: string;
  /** Allow Always. */
  upgradePermission?: boolean;
  scope?: RuleScope;
  viewHash?: string;
}

export interface RuleView {
  id: string;
  action: string;
  agent: string;
  causes: string[];
  scope: RuleScope;
  uses: number;
  created_at: string;
  created_by: string;
  authorization_id: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** What has just changed, for those who watch. */
export type CrmEvent =
  | { type: "job"; id: string; status: JobStatus; action: string }
  | { type: "authorization"; id: string; status: AuthorizationStatus; job_id: string }
  /** `record`: its table name, such as `contact`. */
  | { type: "record"; id: string; record: string; job_id: string }
  /** Something may have been missed: read again what is shown. */
  | { type: "resync" };

export interface Subscriber {
  event(event: CrmEvent): void;
  /** Nothing comes any more: the process is about to stop. */
  end(): void;
}

export interface List<Item> {
  items: Item[];
  next_cursor: string | null;
  total: number;
}

export interface Page {
  limit?: number;
  cursor?: string;
}

/**
 * All that the outside may ask of the CRM. Every method throws a CrmError with words for the caller.
 * What the caller may not see is `not_found`.
 */
export interface Crm {
  /** What can be done and asked here. */
  capabilities(query: CapabilitiesQuery): Promise<Capabilities>;
  submit(actor: Principal, submission: Submission): Promise<JobView>;
  query(actor: Principal, input: QueryInput): Promise<QueryAnswer>;
  /** Customers who may be meant, the likeliest first. */
  findCustomers(actor: Principal, input: FindInput): Promise<{ candidates: Candidate[] }>;
  /** Waits up to `waitSeconds` until the job has ended or has another authorization than `seenQueueId`. */
  job(actor: Principal, id: string, waitSeconds?: number): Promise<JobView>;
  /** The job that an authorization belongs to; waits likewise. */
  jobOfAuthorization(actor: Principal, queueId: string, waitSeconds?: number): Promise<JobView>;
  jobs(actor: Principal, filter: Page & { status?: JobStatus; action?: string }): Promise<List<JobView>>;
  withdraw(actor: Principal, jobId: string): Promise<JobView>;
  authorizations(
    actor: Principal,
    filter: Page & { status?: AuthorizationStatus },
  ): Promise<List<AuthorizationView>>;
  authorization(actor: Principal, id: string): Promise<AuthorizationView>;
  /** Only a person's: owner or office. */
  decide(actor: Principal, id: string, decision: Decision): Promise<AuthorizationView>;
  rules(actor: Principal): Promise<List<RuleView>>;
  /** Adds limits to a live rule, or makes them tighter; never the other way. */
  narrowRule(actor: Principal, id: string, scope: RuleScope): Promise<RuleView>;
  revokeRule(actor: Principal, id: string): Promise<RuleView>;
  /** Who did what, when, why, allowed by whom, before and after; owner and office only. */
  audit(actor: Principal, filter: AuditFilter): Promise<List<AuditEntry>>;
  /** Tells what changes from now on, as far as the actor may see it; the answer ends that. */
  subscribe(actor: Principal, subscriber: Subscriber): () => void;
}

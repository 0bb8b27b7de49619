import type { AuthorizationStatus } from "../entities/authorization.ts";
import type { RuleScope } from "../entities/rule-scope.ts";
import type { JobStatus } from "../entities/job.ts";
import type { AuditEntry, AuditFilter } from "../domain/engine/audit/entry.ts";
import type { FindAnswer, FindInput } from "../domain/contact/find.ts";
import type { Capabilities, CapabilitiesQuery } from "../domain/core/capabilities.ts";
import type { AvailabilityInput } from "../domain/workflow/availability-input.ts";
import type { Availability } from "../domain/workflow/find-availability.ts";
import type { CustomerLink, LinkedVisit } from "../domain/workflow/customer-link.ts";
import type { Principal } from "../domain/core/principal.ts";
import type { QueryInput } from "../domain/query/parse.ts";
import type { QueryAnswer } from "../domain/query/run-query.ts";
import type { List, Page } from "../domain/query/list.ts";
import type { JobSummary, JobView } from "../domain/engine/jobs.ts";
import type { PreviewChange } from "../domain/engine/preview.ts";
import type { AuthorizationSummary, AuthorizationView } from "../domain/engine/authorization/view.ts";
import type { Decision } from "../domain/engine/authorization/decide.ts";
import type { RuleView } from "../domain/engine/authorization/rules.ts";

/** A request to run an action, from REST, MCP or a page. */
export interface Submission {
  /** `contact` */
  domain: string;
  /** `delete` */
  action: string;
  data: unknown;
  reasoning?: string;
  idempotency_key?: string;
  dry_run?: boolean;
  /** Maximum wait until the job has ended or is parked; 0 returns at once. */
  wait_seconds?: number;
}

/** A change that has just been committed. */
export type CrmEvent =
  | { type: "job"; id: string; status: JobStatus; action: string }
  | { type: "authorization"; id: string; status: AuthorizationStatus; job_id: string }
  /** `record`: its table name, such as `contact`. */
  | { type: "record"; id: string; record: string; job_id: string }
  /** Events may have been lost: the subscriber must read everything again. */
  | { type: "resync" };

export interface Subscriber {
  event(event: CrmEvent): void;
  /** No more events follow: the process is stopping. */
  end(): void;
}

/** How a caller reads. */
export interface ReadOptions {
  /** Aborts when the caller hangs up. */
  signal?: AbortSignal | undefined;
  /** The answer is for a model: at most 40 kB, included records short. */
  forModel?: boolean;
}

/**
 * The interface of the CRM for the API, MCP and the pages. Methods throw a CrmError whose text is for the caller.
 * Records that the caller may not see are `not_found`. Reads end in the database when `signal` aborts.
 */
export interface Crm {
  /** The actions, record types and tools that the caller can use. */
  capabilities(query: CapabilitiesQuery): Promise<Capabilities>;
  submit(actor: Principal, submission: Submission): Promise<JobView>;
  query(actor: Principal, input: QueryInput, options?: ReadOptions): Promise<QueryAnswer>;
  /** Matching customers, most likely first. */
  findCustomers(actor: Principal, input: FindInput, signal?: AbortSignal): Promise<FindAnswer>;
  /** Times at which a visit could be booked, best first. */
  findAvailability(actor: Principal, input: AvailabilityInput, signal?: AbortSignal): Promise<Availability>;
  /** The feed of a technician's calendar link, as iCalendar; null for an unknown secret. */
  calendarFeed(secret: string, signal?: AbortSignal): Promise<string | null>;
  /** Waits up to `waitSeconds` until the job has ended or has another authorization than it has now. */
  job(actor: Principal, id: string, waitSeconds?: number): Promise<JobView>;
  /** What a customer's link shows; null where there is no such link. */
  customerLink(token: string): Promise<CustomerLink | null>;
  /** The calendar file of the visit that a customer's link shows; null where it has no time. */
  customerCalendar(visit: LinkedVisit): Promise<string | null>;
  /** The job of an authorization. Waits up to `waitSeconds` until the job has ended or has another authorization. */
  jobOfAuthorization(actor: Principal, queueId: string, waitSeconds?: number): Promise<JobView>;
  /** Without results and inputs. */
  jobs(
    actor: Principal,
    filter: Page & { status?: JobStatus; action?: string },
    signal?: AbortSignal,
  ): Promise<List<JobSummary>>;
  withdraw(actor: Principal, jobId: string): Promise<JobView>;
  /** With counts and first rows in place of whole previews. */
  authorizations(
    actor: Principal,
    filter: Page & { status?: AuthorizationStatus },
    signal?: AbortSignal,
  ): Promise<List<AuthorizationSummary>>;
  authorization(actor: Principal, id: string): Promise<AuthorizationView>;
  /** The rows of its preview. */
  authorizationChanges(actor: Principal, id: string, page: Page): Promise<List<PreviewChange>>;
  /** Owner and office only. */
  decide(actor: Principal, id: string, decision: Decision): Promise<AuthorizationView>;
  /** Replaces a pending request by one with other data. Who may decide it may edit it; answers the new authorization. */
  edit(actor: Principal, id: string, data: Record<string, unknown>): Promise<AuthorizationView>;
  rules(actor: Principal): Promise<List<RuleView>>;
  /** Adds limits to a live rule or tightens them; never loosens them. */
  narrowRule(actor: Principal, id: string, scope: RuleScope): Promise<RuleView>;
  revokeRule(actor: Principal, id: string): Promise<RuleView>;
  /** The audit trail: actor, time, reasoning, permission, and the records before and after. Owner and office only. */
  audit(actor: Principal, filter: AuditFilter, signal?: AbortSignal): Promise<List<AuditEntry>>;
  /** Subscribes to future changes that the actor may see. Returns a function that unsubscribes. */
  subscribe(actor: Principal, subscriber: Subscriber): () => void;
}
